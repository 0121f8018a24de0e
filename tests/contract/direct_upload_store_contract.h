#pragma once

#include <gmock/gmock.h>

#include <atomic>

#include "contract/store_contract.h"

namespace decant::contract {

class DirectUploadStoreContract : public StoreContract {
 protected:
  static constexpr std::chrono::milliseconds link_lifetime = std::chrono::minutes(15);
  static constexpr std::chrono::milliseconds grace = std::chrono::hours(1);

  tasks::NewDirectUpload make_new_upload(ByteCount size = 1000) {
    tasks::DirectUpload upload;
    upload.id = tasks::TaskId::make(clock_.wall_now());
    upload.user = user_;
    upload.name = "a \"song\" %s 😀.wav";
    upload.target = "mp3";
    upload.options.bitrate = 192'000;
    upload.key = "sources/" + upload.id.text() + "/a.upload";
    upload.size = size;
    upload.sha256 = std::string(64, 'a');
    return {.upload = upload, .most_open = 100, .link_lifetime = link_lifetime, .grace = grace};
  }
  tasks::DirectUpload announce(ByteCount size = 1000) {
    const auto fresh = make_new_upload(size);
    const auto inserted = stores_.uploads.insert_upload(fresh);
    EXPECT_TRUE(inserted) << inserted.error().describe();
    return fresh.upload;
  }
  static Task make_task(const tasks::DirectUpload& upload) {
    Task task;
    task.id = upload.id;
    task.user = upload.user;
    task.name = upload.name;
    task.target = upload.target;
    task.options = upload.options;
    task.max_attempts = max_attempts;
    task.media = R"({"container":"wav"})";
    task.source = {upload.key, upload.size, upload.sha256, "audio/wav", "wav"};
    task.trace = TraceContext::begin();
    return task;
  }
  bool is_open(const tasks::DirectUpload& upload) {
    return stores_.uploads.find_upload(upload.id, upload.user).value().has_value();
  }
  /// Whether so many bytes more go into the quota.
  bool has_room(ByteCount bytes, ByteCount quota) {
    tasks::NewTask task = make_new_task(bytes);
    task.quota = quota;
    const auto inserted = stores_.tasks.insert_task(task);
    if (inserted) EXPECT_TRUE(stores_.tasks.cancel_task(inserted->id, user_));
    return inserted.has_value();
  }
};

TEST_P(DirectUploadStoreContract, KeepsWhatWasAnnounced) {
  const auto fresh = make_new_upload();
  ASSERT_TRUE(stores_.uploads.insert_upload(fresh));
  const auto found = stores_.uploads.find_upload(fresh.upload.id, user_).value().value();
  EXPECT_EQ(found.id, fresh.upload.id);
  EXPECT_EQ(found.user, user_);
  EXPECT_EQ(found.name, fresh.upload.name);
  EXPECT_EQ(found.target, "mp3");
  EXPECT_EQ(to_json(found.options), to_json(fresh.upload.options));
  EXPECT_EQ(found.key, fresh.upload.key);
  EXPECT_EQ(found.size, 1000);
  EXPECT_EQ(found.sha256, fresh.upload.sha256);
  EXPECT_EQ(stores_.uploads.insert_upload(fresh).error().code, ErrorCode::conflict);
}

TEST_P(DirectUploadStoreContract, IsNobodyElses) {
  const auto upload = announce();
  const auto other = add_user("bob");
  EXPECT_FALSE(stores_.uploads.find_upload(upload.id, other).value());
  Task stolen = make_task(upload);
  stolen.user = other;
  EXPECT_FALSE(stores_.uploads.turn_into_task(stolen).value());
  EXPECT_TRUE(is_open(upload));
  EXPECT_FALSE(stores_.tasks.find_task(upload.id, user_).value()) << "it is no task yet";
}

TEST_P(DirectUploadStoreContract, BecomesATaskOnce) {
  const auto upload = announce();
  const Task given = make_task(upload);
  const Task task = stores_.uploads.turn_into_task(given).value().value();
  EXPECT_EQ(task.id, upload.id);
  EXPECT_EQ(task.trace, given.trace);
  EXPECT_EQ(task.state, State::UPLOADED);
  EXPECT_EQ(task.source.key, upload.key);
  EXPECT_EQ(task.source.sha256, upload.sha256);
  EXPECT_EQ(describe(read(task).value()), describe(task));
  EXPECT_FALSE(is_open(upload));
  EXPECT_FALSE(stores_.uploads.turn_into_task(make_task(upload)).value());
  const auto rings = stores_.outbox.take(10, lease).value();
  ASSERT_EQ(rings.size(), 1U);
  EXPECT_EQ(rings[0].task.task, upload.id);
  EXPECT_EQ(claim().value().id, upload.id);
}

TEST_P(DirectUploadStoreContract, CountsAgainstTheQuotaAllTheTime) {
  const auto upload = announce(1000);
  EXPECT_FALSE(has_room(501, 1500));
  EXPECT_TRUE(has_room(500, 1500));
  auto second = make_new_upload(501);
  second.quota = 1500;
  EXPECT_EQ(stores_.uploads.insert_upload(second).error().code, ErrorCode::quota_exceeded);
  EXPECT_FALSE(is_open(second.upload));
  const Task task = stores_.uploads.turn_into_task(make_task(upload)).value().value();
  EXPECT_FALSE(has_room(501, 1500));
  EXPECT_TRUE(has_room(500, 1500));
  ASSERT_TRUE(stores_.tasks.cancel_task(task.id, user_));
  EXPECT_TRUE(has_room(1500, 1500));
}

TEST_P(DirectUploadStoreContract, OnlySoManyAreOpenForOneUser) {
  auto fresh = make_new_upload();
  const auto upload = announce();
  fresh.most_open = 1;
  EXPECT_EQ(stores_.uploads.insert_upload(fresh).error().code, ErrorCode::rate_limited);
  EXPECT_FALSE(is_open(fresh.upload));
  ASSERT_TRUE(stores_.uploads.turn_into_task(make_task(upload)).value());
  EXPECT_TRUE(stores_.uploads.insert_upload(fresh));
  auto other = make_new_upload();
  other.upload.user = add_user("bob");
  other.most_open = 1;
  EXPECT_TRUE(stores_.uploads.insert_upload(other));
}

TEST_P(DirectUploadStoreContract, TwoAtOnceDoNotPassTheLimitsTogether) {
  const std::vector<Stores> stores = {stores_, database_->connect()};
  std::vector<tasks::NewDirectUpload> fresh;
  for (int i = 0; i < 8; ++i) {
    fresh.push_back(make_new_upload(100));
    fresh.back().quota = 500;
    fresh.back().most_open = 3;
  }
  std::atomic<int> inserted = 0;
  run_threads(8, [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    if (stores[at % 2].uploads.insert_upload(fresh[at])) ++inserted;
  });
  EXPECT_EQ(inserted, 3);
}

TEST_P(DirectUploadStoreContract, RefusesStrangersAndTheDisabled) {
  auto fresh = make_new_upload();
  fresh.upload.user = tasks::UserId::make(clock_.wall_now());
  EXPECT_EQ(stores_.uploads.insert_upload(fresh).error().code, ErrorCode::unauthenticated);
  fresh.upload.user = user_;
  ASSERT_TRUE(stores_.users.disable_user(user_).value());
  EXPECT_EQ(stores_.uploads.insert_upload(fresh).error().code, ErrorCode::unauthenticated);
}

TEST_P(DirectUploadStoreContract, ExpiresWithItsGraceAndNoEarlier) {
  const auto upload = announce();
  clock_.advance(link_lifetime + grace - tick);
  EXPECT_THAT(stores_.sweep.remove_expired_uploads(10).value(), testing::IsEmpty());
  EXPECT_THAT(stores_.sweep.find_unreferenced({upload.key}).value(), testing::IsEmpty());
  clock_.advance(tick);
  EXPECT_THAT(stores_.sweep.remove_expired_uploads(0).value(), testing::IsEmpty());
  EXPECT_THAT(stores_.sweep.remove_expired_uploads(10).value(), testing::ElementsAre(upload.key));
  EXPECT_THAT(stores_.sweep.remove_expired_uploads(10).value(), testing::IsEmpty());
  EXPECT_FALSE(is_open(upload));
  EXPECT_FALSE(stores_.uploads.turn_into_task(make_task(upload)).value());
  EXPECT_THAT(stores_.sweep.find_unreferenced({upload.key}).value(), testing::ElementsAre(upload.key));
  EXPECT_TRUE(has_room(1500, 1500));
}

TEST_P(DirectUploadStoreContract, WhatWasGivenUpStaysForAsLongAsItsLinkHolds) {
  const auto upload = announce();
  ASSERT_TRUE(stores_.uploads.give_up(upload.id));
  clock_.advance(link_lifetime - tick);
  EXPECT_THAT(stores_.sweep.remove_expired_uploads(10).value(), testing::IsEmpty());
  EXPECT_FALSE(has_room(501, 1500));
  clock_.advance(tick);
  EXPECT_THAT(stores_.sweep.remove_expired_uploads(10).value(), testing::ElementsAre(upload.key));
  EXPECT_TRUE(stores_.uploads.give_up(upload.id)) << "gone is no error";
}

TEST_P(DirectUploadStoreContract, OnlyOneOfSweepAndConfirmationWins) {
  const std::vector<Stores> stores = {stores_, database_->connect()};
  for (int round = 0; round < 20; ++round) {
    const auto upload = announce();
    clock_.advance(link_lifetime + grace);
    std::size_t swept = 0;
    bool confirmed = false;
    run_threads(2, [&](int i) {
      if (i == 0)
        swept = stores[1].sweep.remove_expired_uploads(10).value().size();
      else
        confirmed = stores[0].uploads.turn_into_task(make_task(upload)).value().has_value();
    });
    EXPECT_EQ(swept, confirmed ? 0U : 1U);
    EXPECT_EQ(stores_.tasks.find_task(upload.id, user_).value().has_value(), confirmed);
  }
}

}  // namespace decant::contract
