#include "http/list_cache.h"

#include <gtest/gtest.h>

namespace decant::http {
namespace {

ListPage page_of(std::string text) { return {std::make_shared<const std::string>(std::move(text)), ""}; }

std::string found(const ListCache& cache, const std::string& query, std::int64_t version) {
  const auto page = cache.find(query, version);
  return page ? *page->json : "nothing";
}

TEST(ListCache, FindsAPageOfItsVersionOnly) {
  ListCache cache(1000);
  EXPECT_EQ(found(cache, "ada", 0), "nothing");
  cache.keep("ada", 7, page_of("[1]"));
  EXPECT_EQ(found(cache, "ada", 7), "[1]");
  EXPECT_EQ(found(cache, "bob", 7), "nothing");
  EXPECT_EQ(found(cache, "ada", 8), "nothing");
  cache.keep("bob", 8, page_of("[2]"));
  EXPECT_EQ(found(cache, "bob", 8), "[2]");
  EXPECT_EQ(found(cache, "ada", 8), "nothing") << "it went with its version";
  EXPECT_EQ(found(cache, "ada", 7), "nothing");
}

TEST(ListCache, KeepsNoMoreThanItMay) {
  ListCache cache(100);
  cache.keep("large", 1, page_of(std::string(200, 'x')));
  EXPECT_EQ(found(cache, "large", 1), "nothing");
  for (int i = 0; i < 50; ++i) cache.keep(std::to_string(i), 1, page_of(std::string(18, 'x')));
  int kept = 0;
  for (int i = 0; i < 50; ++i) kept += found(cache, std::to_string(i), 1) == "nothing" ? 0 : 1;
  EXPECT_EQ(kept, 5);
}

}  // namespace
}  // namespace decant::http
