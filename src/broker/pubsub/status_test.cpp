#include "broker/pubsub/status.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace decant::broker::pubsub {
namespace {

const Status away{Code::unavailable, "try later"};
const Status invalid{Code::failed_precondition, "", {{"mine", "PERMANENT_FAILURE_INVALID_ACK_ID"}}};
const Status transient{Code::failed_precondition, "", {{"mine", "TRANSIENT_FAILURE_SERVICE_UNAVAILABLE"}}};

TEST(PubsubVerdict, OnlyTheServicesWordIsAConfirmation) {
  EXPECT_EQ(judge({}, "mine", 0), Verdict::done);
  EXPECT_EQ(judge(away, "mine", 0), Verdict::retry);
}

TEST(PubsubVerdict, TheFailureOfTheIdCountsMoreThanThatOfTheCall) {
  EXPECT_EQ(judge(transient, "mine", 0), Verdict::retry) << "FAILED_PRECONDITION alone would not be retried";
  Status permanent_in_a_retryable_call = invalid;
  permanent_in_a_retryable_call.code = Code::internal;
  EXPECT_EQ(judge(permanent_in_a_retryable_call, "mine", 0), Verdict::lost);
}

TEST(PubsubVerdict, AnInvalidIdAfterALostAnswerIsUnknown) {
  EXPECT_EQ(judge(invalid, "mine", 0), Verdict::lost);
  EXPECT_EQ(judge(invalid, "mine", 1), Verdict::unknown) << "the first try may have been what made it invalid";
}

TEST(PubsubVerdict, WhatNobodyKnowsIsNoConfirmation) {
  EXPECT_EQ(judge({Code::failed_precondition, "", {{"mine", "PERMANENT_FAILURE_SOMETHING_NEW"}}}, "mine", 0),
            Verdict::lost);
  EXPECT_EQ(judge({Code::permission_denied, "no"}, "mine", 0), Verdict::refused);
  EXPECT_EQ(judge({Code::not_found, "no subscription"}, "mine", 3), Verdict::refused);
  EXPECT_EQ(judge({static_cast<Code>(99), "new"}, "mine", 0), Verdict::refused);
}

TEST(PubsubVerdict, Pitfall4ABatchIsJudgedIdById) {
  Status half{Code::failed_precondition, "", {}};
  for (int i = 0; i < 300; ++i) half.failed_ids.emplace(fmt::format("bad-{}", i), "PERMANENT_FAILURE_INVALID_ACK_ID");
  half.failed_ids.emplace("slow", "TRANSIENT_FAILURE_INVALID_ACK_ID");
  EXPECT_EQ(judge(half, "bad-7", 0), Verdict::lost);
  EXPECT_EQ(judge(half, "slow", 0), Verdict::retry);
  EXPECT_EQ(judge(half, "good", 0), Verdict::done);
}

TEST(PubsubStatus, StreamsAreReopenedButWhereSomebodyMustActFirst) {
  for (const Code code : {Code::ok, Code::unavailable, Code::internal, Code::aborted, Code::deadline_exceeded,
                          Code::resource_exhausted, Code::unknown, Code::failed_precondition}) {
    EXPECT_TRUE(may_reopen(code)) << to_string(code);
  }
  for (const Code code :
       {Code::cancelled, Code::invalid_argument, Code::not_found, Code::permission_denied, Code::unauthenticated}) {
    EXPECT_FALSE(may_reopen(code)) << to_string(code);
  }
}

TEST(PubsubStatus, BecomesAnErrorThatSaysWhatFailed) {
  const Error error = to_error({Code::permission_denied, "User not authorized"}, "ring");
  EXPECT_EQ(error.code, ErrorCode::forbidden);
  EXPECT_EQ(error.message, "Pub/Sub: cannot ring");
  EXPECT_EQ(error.detail, "PERMISSION_DENIED: User not authorized");
}

}  // namespace
}  // namespace decant::broker::pubsub
