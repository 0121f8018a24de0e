#include "tasks/metadata_options.h"

#include "tasks/options.h"

namespace decant::tasks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

MetadataOptions parse(std::string_view metadata) {
  MetadataOptions options;
  EXPECT_TRUE(set_metadata_option(options, "metadata", metadata));
  return options;
}

std::string refusal(std::string_view metadata) {
  MetadataOptions options;
  const auto set = set_metadata_option(options, "metadata", metadata);
  if (set) return "";
  EXPECT_EQ(set.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(set.error().fields.at(0).field, "metadata");
  return set.error().message;
}

TEST(MetadataOptions, SetAddAndRemoveTags) {
  MetadataOptions options = parse(R"({"title":"X","artist":["A","B"],"comment":null})");
  ASSERT_EQ(options.edits.size(), 3U);
  EXPECT_THAT(options.edits[0].values, ElementsAre("X"));
  EXPECT_THAT(options.edits[1].values, ElementsAre("A", "B"));
  EXPECT_THAT(options.edits[2].values, IsEmpty());
  ASSERT_TRUE(set_metadata_option(options, "metadata", R"({"Artist":"C"})"));
  EXPECT_THAT(options.edits[1].values, ElementsAre("A", "B", "C"));
  EXPECT_EQ(options.edits.size(), 3U);
}

TEST(MetadataOptions, ComeBackFromTheirText) {
  MetadataOptions options = parse(R"({"title":"a \"b\"\nc","artist":["A","B"],"comment":null})");
  ASSERT_TRUE(set_metadata_option(options, "chapters", "drop"));
  ConversionOptions all;
  all.metadata = options;
  const auto back = parse_options_json(to_json(all));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, all);
}

TEST(MetadataOptions, RefuseWhatIsNoTag) {
  EXPECT_THAT(refusal("title"), HasSubstr("JSON object"));
  EXPECT_THAT(refusal("[]"), HasSubstr("JSON object"));
  EXPECT_THAT(refusal(R"({"":"x"})"), HasSubstr("needs a name"));
  EXPECT_THAT(refusal(R"({"a=b":"x"})"), HasSubstr("no ="));
  EXPECT_THAT(refusal("{\"a\\u0007\":\"x\"}"), HasSubstr("control characters"));
  EXPECT_THAT(refusal("{\"a\":\"x\\u0000\"}"), HasSubstr("control characters"));
  EXPECT_THAT(refusal(R"({"a":7})"), HasSubstr("must be a text"));
  EXPECT_THAT(refusal(R"({"a":["x",{}]})"), HasSubstr("must be a text"));
  EXPECT_THAT(refusal(R"({"a":""})"), HasSubstr("empty"));
  EXPECT_THAT(refusal(R"({"a":[]})"), HasSubstr("no values"));
  EXPECT_THAT(refusal("{\"a\":\"\xFF\"}"), HasSubstr("JSON object")) << "no UTF-8";
}

TEST(MetadataOptions, AreBounded) {
  EXPECT_THAT(refusal("{\"" + std::string(MetadataOptions::most_name_bytes + 1, 'n') + "\":\"x\"}"),
              HasSubstr("128 bytes"));
  EXPECT_THAT(refusal("{\"a\":\"" + std::string(MetadataOptions::most_bytes, 'v') + "\"}"), HasSubstr("16384 bytes"));
  std::string values = "[\"v\"";
  for (std::size_t i = 0; i < MetadataOptions::most_values; ++i) values += ",\"v\"";
  EXPECT_THAT(refusal("{\"a\":" + values + "]}"), HasSubstr("64 values"));
  std::string tags = "{\"t\":\"x\"";
  for (std::size_t i = 0; i < MetadataOptions::most_edits; ++i) tags += ",\"t" + std::to_string(i) + "\":\"x\"";
  EXPECT_THAT(refusal(tags + "}"), HasSubstr("64 tags"));
}

TEST(MetadataOptions, KeepOrDrop) {
  MetadataOptions options;
  for (const auto& name : {"tags", "pictures", "chapters"}) {
    EXPECT_EQ(metadata_option_text(options, name), "");
    EXPECT_TRUE(set_metadata_option(options, name, "drop"));
    EXPECT_EQ(metadata_option_text(options, name), "drop");
    const auto wrong = set_metadata_option(options, name, "perhaps");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message,
                HasSubstr(std::string_view(name) == "chapters" ? "drop or split" : "keep or drop"));
  }
}

TEST(MetadataOptions, ChaptersBecomeFiles) {
  ConversionOptions options;
  ASSERT_TRUE(set_option(options, "chapters", "split"));
  EXPECT_EQ(options.metadata.chapters, Chapters::split);
  const auto back = parse_options_json(to_json(options));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, options);
  const TargetFormat mp3{.name = "mp3", .extension = "mp3", .mime_type = "audio/mpeg"};
  EXPECT_EQ(result_kind(mp3, options).extension, "zip");
  EXPECT_EQ(result_kind(mp3, options).mime_type, "application/zip");
  EXPECT_EQ(result_kind(mp3, {}).extension, "mp3");
  EXPECT_FALSE(set_metadata_option(options.metadata, "tags", "split"));
}

TEST(MetadataOptions, HaveAFormForCommandLines) {
  EXPECT_EQ(parse_tag_edit("title=a=\"b\""), R"({"title":"a=\"b\""})");
  EXPECT_FALSE(parse_tag_edit("title"));
  EXPECT_EQ(tag_removal("comment"), R"({"comment":null})");
}

}  // namespace
}  // namespace decant::tasks
