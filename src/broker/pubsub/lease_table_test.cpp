#include "broker/pubsub/lease_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace decant::broker::pubsub {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Admission = LeaseTable::Admission;
using Next = LeaseTable::Next;

class PubsubLeaseTable : public testing::Test {
 protected:
  tasks::TaskRef make_task() { return {tasks::TaskId::make(clock_.wall_now()), 1}; }
  Admission admit(const std::string& id, Guarantee guarantee = Guarantee::exactly_once) {
    return table_.admit(id, make_task(), guarantee);
  }
  Next confirm(const std::string& id, Verdict verdict = Verdict::done) {
    return table_.confirm(id, verdict, clock_.steady_now());
  }
  /// Delivered, confirmed and taken by a worker.
  void hold(const std::string& id) {
    ASSERT_EQ(admit(id), Admission::confirm);
    ASSERT_EQ(confirm(id), Next::take);
    ASSERT_EQ(table_.take()->ack_id, id);
  }

  ManualClock clock_;
  LeaseTable table_{{.capacity = 3}, clock_};
};

TEST_F(PubsubLeaseTable, HandsOutInTheOrderOfArrivalWhatIsConfirmed) {
  const tasks::TaskRef task = make_task();
  table_.admit("z", task, Guarantee::exactly_once);
  admit("a");
  EXPECT_FALSE(table_.take()) << "no receipt is confirmed";
  confirm("a");
  confirm("z");
  const auto delivery = table_.take();
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->ack_id, "z");
  EXPECT_EQ(delivery->task->task, task.task);
  EXPECT_EQ(table_.take()->ack_id, "a");
  EXPECT_FALSE(table_.take());
}

TEST_F(PubsubLeaseTable, Pitfall5NothingIsBegunWithoutAConfirmedReceipt) {
  for (const Verdict verdict : {Verdict::lost, Verdict::unknown, Verdict::refused, Verdict::retry}) {
    ASSERT_EQ(admit("a"), Admission::confirm);
    EXPECT_EQ(confirm("a", verdict), Next::drop);
    EXPECT_FALSE(table_.has_ready());
    EXPECT_EQ(table_.size(), 0U) << "its place is free again";
  }
}

TEST_F(PubsubLeaseTable, WithoutExactlyOnceAReceiptConfirmsNothingAndIsNotNeeded) {
  admit("a", Guarantee::at_least_once);
  EXPECT_EQ(confirm("a", Verdict::refused), Next::take);
  EXPECT_TRUE(table_.take());
}

TEST_F(PubsubLeaseTable, Pitfall7ExactlyOnceMayBeSwitchedBetweenTwoDeliveries) {
  admit("before", Guarantee::at_least_once);
  admit("after", Guarantee::exactly_once);
  EXPECT_EQ(confirm("after", Verdict::unknown), Next::drop);
  EXPECT_EQ(confirm("before", Verdict::unknown), Next::take);
}

TEST_F(PubsubLeaseTable, Pitfall7NoMoreThanItsCapacityIsAdmitted) {
  hold("a");
  EXPECT_EQ(admit("b"), Admission::confirm);
  EXPECT_EQ(admit("c"), Admission::confirm);
  EXPECT_FALSE(table_.has_room());
  EXPECT_EQ(admit("d"), Admission::give_back);
  EXPECT_TRUE(table_.end("a"));
  EXPECT_EQ(admit("d"), Admission::confirm);
}

TEST_F(PubsubLeaseTable, Pitfall7ADrainDuringTheReceiptGivesBackAfterIt) {
  admit("a");
  EXPECT_THAT(table_.close(), IsEmpty()) << "given back before its receipt is answered, the receipt would undo it";
  EXPECT_EQ(confirm("a"), Next::give_back);
  EXPECT_FALSE(table_.take());
}

TEST_F(PubsubLeaseTable, Pitfall16ADrainGivesBackWhatNobodyTookAndKeepsTheRest) {
  hold("worked on");
  admit("ready");
  confirm("ready");
  EXPECT_THAT(table_.close(), ElementsAre("ready"));
  EXPECT_EQ(admit("late"), Admission::give_back);
  EXPECT_FALSE(table_.take());
  clock_.advance(20s);
  EXPECT_THAT(table_.due_extensions(), ElementsAre("worked on"));
}

TEST_F(PubsubLeaseTable, ExtendsEveryThirdOfTheLeaseFromWhenItWasSent) {
  hold("a");
  clock_.advance(19s);
  EXPECT_THAT(table_.due_extensions(), IsEmpty());
  clock_.advance(1s);
  EXPECT_THAT(table_.due_extensions(), ElementsAre("a"));
  const SteadyTime sent = clock_.steady_now();
  clock_.advance(5s);
  table_.extended("a", Verdict::done, sent);
  clock_.advance(14s);
  EXPECT_THAT(table_.due_extensions(), IsEmpty());
  clock_.advance(1s);
  EXPECT_THAT(table_.due_extensions(), ElementsAre("a"));
}

TEST_F(PubsubLeaseTable, AnExtensionThatFailedIsRepeatedSoon) {
  hold("a");
  clock_.advance(20s);
  for (const Verdict verdict : {Verdict::retry, Verdict::refused}) {
    table_.extended("a", verdict, clock_.steady_now());
    EXPECT_THAT(table_.due_extensions(), IsEmpty());
    clock_.advance(2s);
    EXPECT_THAT(table_.due_extensions(), ElementsAre("a"));
  }
}

TEST_F(PubsubLeaseTable, OnlyWhatAWorkerKeepsIsExtended) {
  hold("a");
  clock_.advance(59s);
  EXPECT_TRUE(table_.keep("a", 2s));
  clock_.advance(1s);
  EXPECT_THAT(table_.due_extensions(), ElementsAre("a"));
  clock_.advance(1s);
  EXPECT_THAT(table_.due_extensions(), IsEmpty()) << "the worker fell silent: another shall have it";
}

TEST_F(PubsubLeaseTable, ALongLeaseOfTheWorkerIsCoveredByManyExtensions) {
  hold("a");
  EXPECT_TRUE(table_.keep("a", 1h));
  for (int i = 0; i < 30; ++i) {
    clock_.advance(20s);
    ASSERT_THAT(table_.due_extensions(), ElementsAre("a")) << i;
    table_.extended("a", Verdict::done, clock_.steady_now());
  }
}

TEST_F(PubsubLeaseTable, Pitfall1ALeaseThatIsLostIsNotExtendedAgain) {
  for (const Verdict verdict : {Verdict::lost, Verdict::unknown}) {
    hold("a");
    clock_.advance(20s);
    table_.extended("a", verdict, clock_.steady_now());
    EXPECT_THAT(table_.due_extensions(), IsEmpty());
    EXPECT_FALSE(table_.keep("a", 60s)) << "the worker learns of it";
    EXPECT_FALSE(table_.end("a"));
  }
}

TEST_F(PubsubLeaseTable, GivesBackWhatNobodyTakes) {
  hold("taken");
  admit("a");
  confirm("a");
  clock_.advance(9s);
  admit("b");
  confirm("b");
  EXPECT_THAT(table_.end_overdue(), IsEmpty());
  clock_.advance(1s);
  EXPECT_THAT(table_.end_overdue(), ElementsAre("a"));
  EXPECT_EQ(table_.take()->ack_id, "b");
}

TEST_F(PubsubLeaseTable, AnIdTwiceIsNotTwoDeliveries) {
  EXPECT_EQ(admit("a"), Admission::confirm);
  EXPECT_EQ(admit("a"), Admission::ignore);
  EXPECT_EQ(table_.size(), 1U);
}

TEST_F(PubsubLeaseTable, KnowsNothingOfStrangers) {
  EXPECT_EQ(confirm("nobody"), Next::drop);
  EXPECT_FALSE(table_.keep("nobody", 60s));
  EXPECT_FALSE(table_.end("nobody"));
  table_.extended("nobody", Verdict::done, clock_.steady_now());
}

}  // namespace
}  // namespace decant::broker::pubsub
