#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "tasks/object_key.h"
#include "tasks/object_store.h"

namespace decant::contract {

/// What every ObjectStore must do, run on each adapter and on the fake:
///   INSTANTIATE_TEST_SUITE_P(File, ObjectStoreContract, testing::Values(make_file_store));
/// The parameter makes an empty store, at the same place for every call of one test; none where its server is not
/// there, and the test is skipped.
using MakeObjectStore = std::function<std::unique_ptr<tasks::ObjectStore>()>;

class ObjectStoreContract : public testing::TestWithParam<std::function<MakeObjectStore()>> {
 protected:
  ObjectStoreContract() : make_(GetParam()()), store_(make_()) {}

  void SetUp() override {
    if (!store_) GTEST_SKIP() << "its server is not there";
  }

  static SpoolFile spool(std::string_view content) {
    SpoolFile file = SpoolFile::make(std::filesystem::temp_directory_path()).value();
    EXPECT_TRUE(file.append(std::as_bytes(std::span(content))));
    return file;
  }

  void put(const std::string& key, std::string_view content) {
    const auto stored = store_->put(key, spool(content));
    ASSERT_TRUE(stored) << stored.error().describe();
  }

  static std::string read_all(tasks::ObjectReader& reader) {
    std::string content;
    std::array<std::byte, 7> part;  // smaller than the objects, so that offsets matter
    for (;;) {
      const std::size_t got = reader.read(static_cast<ByteCount>(content.size()), part).value();
      if (got == 0) return content;
      content.append(reinterpret_cast<const char*>(part.data()), got);
    }
  }

  std::vector<std::string> keys() {
    std::vector<std::string> found;
    const auto listed = store_->list([&](const tasks::ObjectInfo& info) {
      found.push_back(info.key);
      return true;
    });
    EXPECT_TRUE(listed);
    std::ranges::sort(found);
    return found;
  }

  MakeObjectStore make_;
  std::unique_ptr<tasks::ObjectStore> store_;
};

TEST_P(ObjectStoreContract, GivesBackWhatWasPut) {
  put("sources/t1/ab.mp3", "some sixteen byte");
  auto reader = store_->open("sources/t1/ab.mp3");
  ASSERT_TRUE(reader) << reader.error().describe();
  EXPECT_EQ((*reader)->size(), 17);
  EXPECT_EQ(read_all(**reader), "some sixteen byte");
  std::array<std::byte, 4> past_the_end{};
  EXPECT_EQ((*reader)->read(17, past_the_end).value(), 0U);
}

TEST_P(ObjectStoreContract, HoldsAnEmptyObject) {
  put("empty", "");
  EXPECT_EQ(store_->open("empty").value()->size(), 0);
}

TEST_P(ObjectStoreContract, FetchesARegularFile) {
  put("sources/t1/ab.mp3", "content");
  const Descriptor file = store_->fetch("sources/t1/ab.mp3").value();
  std::array<char, 16> buffer{};
  EXPECT_EQ(::pread(file.get(), buffer.data(), buffer.size(), 0), 7);
  EXPECT_EQ(std::string_view(buffer.data()), "content");
  EXPECT_EQ(file_size(file.get()).value(), 7);
}

TEST_P(ObjectStoreContract, HasNoUnknownObject) {
  EXPECT_EQ(store_->open("sources/none").error().code, ErrorCode::not_found);
  EXPECT_EQ(store_->fetch("sources/none").error().code, ErrorCode::not_found);
}

TEST_P(ObjectStoreContract, NeverReplacesAnObject) {
  put("key", "first");
  EXPECT_EQ(store_->put("key", spool("second")).error().code, ErrorCode::conflict);
  EXPECT_EQ(read_all(*store_->open("key").value()), "first");
}

TEST_P(ObjectStoreContract, RemovesOnceAndAgain) {
  put("key", "content");
  EXPECT_TRUE(store_->remove("key"));
  EXPECT_TRUE(store_->remove("key"));
  EXPECT_EQ(store_->open("key").error().code, ErrorCode::not_found);
  EXPECT_TRUE(keys().empty());
}

TEST_P(ObjectStoreContract, AReaderOutlivesRemoval) {
  put("key", "content");
  const auto reader = store_->open("key").value();
  ASSERT_TRUE(store_->remove("key"));
  EXPECT_EQ(read_all(*reader), "content");
}

TEST_P(ObjectStoreContract, ListsEveryObjectWithItsSize) {
  put("sources/t1/a.mp3", "1");
  put("results/t1/1-b.flac", "22");
  std::vector<std::pair<std::string, ByteCount>> found;
  ASSERT_TRUE(store_->list([&](const tasks::ObjectInfo& info) {
    found.emplace_back(info.key, info.size);
    return true;
  }));
  EXPECT_THAT(found, testing::UnorderedElementsAre(testing::Pair("sources/t1/a.mp3", 1),
                                                   testing::Pair("results/t1/1-b.flac", 2)));
}

TEST_P(ObjectStoreContract, StopsListingWhenAsked) {
  put("a", "1");
  put("b", "2");
  int visited = 0;
  ASSERT_TRUE(store_->list([&](const tasks::ObjectInfo&) { return ++visited < 1; }));
  EXPECT_EQ(visited, 1);
}

TEST_P(ObjectStoreContract, RefusesWhatIsNoKey) {
  for (const char* key : {"", "../up", "/etc/passwd", "a/../../b", "Upper", "a//b", ".dot", "a/.."}) {
    EXPECT_EQ(store_->put(key, spool("x")).error().code, ErrorCode::invalid_argument) << key;
    EXPECT_EQ(store_->open(key).error().code, ErrorCode::invalid_argument) << key;
    EXPECT_EQ(store_->fetch(key).error().code, ErrorCode::invalid_argument) << key;
    EXPECT_EQ(store_->remove(key).error().code, ErrorCode::invalid_argument) << key;
  }
  EXPECT_TRUE(keys().empty());
}

TEST_P(ObjectStoreContract, TakesTheLongestKey) {
  const std::string key(tasks::longest_object_key, 'k');
  put(key, "content");
  EXPECT_EQ(keys(), std::vector{key});
}

TEST_P(ObjectStoreContract, TheSpoolFileStaysReadable) {
  const SpoolFile file = spool("content");
  ASSERT_TRUE(store_->put("key", file));
  ASSERT_TRUE(store_->remove("key"));
  EXPECT_EQ(file.size().value(), 7);
  // Nor does it matter that it has been in the store before.
  ASSERT_TRUE(store_->put("other", file));
  EXPECT_EQ(read_all(*store_->open("other").value()), "content");
}

TEST_P(ObjectStoreContract, ASecondStoreOnTheSamePlaceSeesIt) {
  put("key", "content");
  const auto other = make_();
  EXPECT_EQ(read_all(*other->open("key").value()), "content");
  EXPECT_EQ(other->put("key", spool("x")).error().code, ErrorCode::conflict);
}

TEST_P(ObjectStoreContract, OneOfManyWritersOfAKeyWins) {
  constexpr int writers = 8;
  std::atomic<int> stored = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, writer] {
        const auto put = store_->put("key", spool("writer " + std::to_string(writer)));
        if (put) ++stored;
        if (!put && put.error().code == ErrorCode::conflict) ++refused;
      });
    }
  }
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(refused, writers - 1);
  EXPECT_EQ(read_all(*store_->open("key").value()).substr(0, 7), "writer ");
}

}  // namespace decant::contract
