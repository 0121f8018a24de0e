#include "http/slots.h"

#include <gtest/gtest.h>

namespace decant::http {
namespace {

TEST(Slots, AreBoundedForEachKeyAndComeBack) {
  Slots slots(2);
  auto first = slots.take("a");
  auto second = slots.take("a");
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(slots.take("a"));
  EXPECT_TRUE(slots.take("b"));
  {
    const Slots::Slot moved = *std::move(first);
    first.reset();
    EXPECT_FALSE(slots.take("a")) << "moving frees nothing";
  }
  EXPECT_TRUE(slots.take("a"));
}

}  // namespace
}  // namespace decant::http
