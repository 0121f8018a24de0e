#include "sandbox/job_tokens.h"

#include <gtest/gtest.h>

namespace decant::sandbox {
namespace {

using Answer = TokenPool::Answer;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr pid_t first = 1;
constexpr pid_t second = 2;

TEST(TokenPool, GrantsInTheOrderOfAsking) {
  TokenPool pool(1);
  EXPECT_EQ(pool.ask(first, TokenMessage::acquire), Answer::wait);
  EXPECT_EQ(pool.ask(second, TokenMessage::acquire), Answer::wait);
  EXPECT_THAT(pool.grant_waiting(), ElementsAre(first));
  EXPECT_THAT(pool.grant_waiting(), IsEmpty());
  EXPECT_EQ(pool.ask(first, TokenMessage::release), Answer::none);
  EXPECT_THAT(pool.grant_waiting(), ElementsAre(second));
}

TEST(TokenPool, DeniesATryWhileAnotherWaits) {
  TokenPool pool(1);
  EXPECT_EQ(pool.ask(first, TokenMessage::try_acquire), Answer::granted);
  EXPECT_EQ(pool.ask(second, TokenMessage::try_acquire), Answer::denied);
  EXPECT_EQ(pool.ask(second, TokenMessage::acquire), Answer::wait);
  EXPECT_EQ(pool.ask(first, TokenMessage::release), Answer::none);
  EXPECT_EQ(pool.ask(first, TokenMessage::try_acquire), Answer::denied) << "second waits for it";
}

TEST(TokenPool, TakesBackWhatTheDeadHeld) {
  TokenPool pool(2);
  EXPECT_EQ(pool.ask(first, TokenMessage::try_acquire), Answer::granted);
  EXPECT_EQ(pool.ask(first, TokenMessage::try_acquire), Answer::granted);
  EXPECT_EQ(pool.ask(second, TokenMessage::acquire), Answer::wait);
  pool.forget(first);
  EXPECT_THAT(pool.grant_waiting(), ElementsAre(second));
  EXPECT_EQ(pool.free(), 1);
  pool.forget(second);
  EXPECT_EQ(pool.free(), 2);
}

TEST(TokenPool, ForgetsTheDeadThatWaited) {
  TokenPool pool(0);
  EXPECT_EQ(pool.ask(first, TokenMessage::acquire), Answer::wait);
  pool.forget(first);
  EXPECT_THAT(pool.grant_waiting(), IsEmpty());
}

TEST(TokenPool, CatchesForgers) {
  TokenPool pool(1);
  EXPECT_EQ(pool.ask(first, TokenMessage::release), Answer::violation);
  EXPECT_EQ(pool.ask(first, TokenMessage::granted), Answer::violation);
  EXPECT_EQ(pool.ask(first, static_cast<TokenMessage>('?')), Answer::violation);
  EXPECT_EQ(pool.ask(first, TokenMessage::acquire), Answer::wait);
  EXPECT_EQ(pool.ask(first, TokenMessage::acquire), Answer::violation);
  EXPECT_EQ(pool.free(), 1);
}

}  // namespace
}  // namespace decant::sandbox
