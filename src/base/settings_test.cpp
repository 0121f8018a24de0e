#include "base/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "base/ids.h"
#include "base/units.h"

namespace decant {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SettingsFile : public testing::Test {
 protected:
  ~SettingsFile() override { std::filesystem::remove(path_); }

  std::string write(const std::string& toml) {
    std::ofstream(path_) << toml;
    return path_.string();
  }

  std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("decant-" + random_hex(8) + ".toml");
};

const EffectiveSetting& find(const LoadedSettings& loaded, std::string_view name) {
  return *std::ranges::find_if(loaded.effective, [name](const auto& each) { return each.setting->name == name; });
}

TEST(Settings, EveryDefaultIsAccepted) {
  const auto loaded = load_settings({});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->effective.size(), settings_table().size());
}

TEST(Settings, NamesAreUniqueAndEveryRowSaysWhatItMeans) {
  std::set<std::string_view> names;
  for (const Setting& setting : settings_table()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_THAT(std::string(setting.name), testing::MatchesRegex("[a-z][a-z_]*")) << setting.name;
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    if (!std::holds_alternative<std::string Settings::*>(setting.field))
      EXPECT_LT(setting.low, setting.high) << setting.name;
  }
}

TEST_F(SettingsFile, LaterSourcesAreStronger) {
  SettingSources sources;
  sources.file = write("log_level = \"debug\"\nlisten = \"127.0.0.1:1\"\nworkers = 2\n");
  sources.environment = {{"DECANT_LISTEN", "127.0.0.1:2"}, {"DECANT_WORKERS", "3"}, {"PATH", "/bin"}};
  sources.flags = {{"workers", "4"}};
  const auto loaded = load_settings(sources);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->values.log_level, "debug");
  EXPECT_EQ(loaded->values.listen, "127.0.0.1:2");
  EXPECT_EQ(loaded->values.workers, 4);
  EXPECT_THAT(find(*loaded, "log_level").origin, HasSubstr(path_.string() + " line 1"));
  EXPECT_EQ(find(*loaded, "listen").origin, "environment");
  EXPECT_EQ(find(*loaded, "workers").origin, "flag");
  EXPECT_EQ(find(*loaded, "log_format").origin, "default");
}

TEST_F(SettingsFile, TheVariableNamesTheFileAndTheFlagWins) {
  const std::string named = write("log_level = \"debug\"\n");
  EXPECT_EQ(load_settings({.environment = {{"DECANT_CONFIG", named}}})->values.log_level, "debug");
  EXPECT_FALSE(load_settings({.file = "/nonexistent.toml", .environment = {{"DECANT_CONFIG", named}}}));
}

TEST_F(SettingsFile, WrongFilesSayWhere) {
  const std::string broken = write("log_level = \"info\"\nlisten = \n");
  const auto syntax = load_settings({.file = broken});
  ASSERT_FALSE(syntax);
  EXPECT_THAT(syntax.error().message, HasSubstr(broken + " line 2"));

  const std::string section = write("[web]\nlisten = \"127.0.0.1:1\"\n");
  EXPECT_THAT(load_settings({.file = section}).error().message, AllOf(HasSubstr("line 1"), HasSubstr("web")));

  EXPECT_THAT(load_settings({.file = "/nonexistent.toml"}).error().message, HasSubstr("/nonexistent.toml"));
}

TEST_F(SettingsFile, UnknownNamesAreRefusedWithTheNearest) {
  const std::string misspelt = write("log_levle = \"info\"\n");
  const auto in_file = load_settings({.file = misspelt});
  ASSERT_FALSE(in_file);
  EXPECT_THAT(in_file.error().message,
              AllOf(HasSubstr("log_levle"), HasSubstr("line 1"), HasSubstr("did you mean log_level")));

  const auto in_environment = load_settings({.environment = {{"DECANT_LISEN", "x"}}});
  ASSERT_FALSE(in_environment);
  EXPECT_THAT(in_environment.error().message, AllOf(HasSubstr("DECANT_LISEN"), HasSubstr("did you mean listen")));
}

TEST(Settings, WrongValuesNameTheSettingItsSourceTheValueAndTheRemedy) {
  struct Case {
    const char* variable;
    const char* value;
    const char* remedy;
  };
  for (const Case& wrong :
       {Case{"DECANT_WORKERS", "many", "a whole number"}, Case{"DECANT_WORKERS", "-1", "0 to 1024"},
        Case{"DECANT_WORKERS", "100000", "0 to 1024"}, Case{"DECANT_UPLOAD_LIMIT", "1 gig", "1GiB"},
        Case{"DECANT_DRAIN_BUDGET", "30", "30s"}, Case{"DECANT_SANDBOX", "off", "one of auto, require"}}) {
    const auto loaded = load_settings({.environment = {{wrong.variable, wrong.value}}});
    ASSERT_FALSE(loaded) << wrong.variable;
    EXPECT_EQ(loaded.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(loaded.error().message, AllOf(HasSubstr(wrong.variable), HasSubstr("environment"),
                                              HasSubstr(wrong.value), HasSubstr(wrong.remedy)));
  }
}

TEST(Settings, AllWrongOnesAreToldAtOnce) {
  const auto loaded =
      load_settings({.environment = {{"DECANT_WORKERS", "x"}, {"DECANT_NONE", "1"}}, .flags = {{"sandbox", "off"}}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().fields.size(), 3U);
}

TEST(Settings, EmbeddedPlacesFollowTheDataFolder) {
  const auto home = load_settings({.environment = {{"HOME", "/home/ada"}}});
  EXPECT_EQ(home->values.data, "/home/ada/.local/share/decant");
  const auto xdg = load_settings({.environment = {{"HOME", "/home/ada"}, {"XDG_DATA_HOME", "/data"}}});
  EXPECT_EQ(xdg->values.data, "/data/decant");
  const auto given = load_settings({.environment = {{"HOME", "/home/ada"}}, .flags = {{"data", "/srv/decant/"}}});
  EXPECT_EQ(given->values.database, "sqlite:///srv/decant/decant.db");
  EXPECT_EQ(given->values.objects, "file:///srv/decant/objects");
  EXPECT_EQ(find(*given, "database").text, given->values.database);
}

TEST(Settings, SecretsAreMasked) {
  EXPECT_EQ(mask_secrets("postgresql://ada:s3cret@db/decant"), "postgresql://ada:***@db/decant");
  EXPECT_EQ(mask_secrets("postgresql://ada:p@ss@db/decant"), "postgresql://ada:***@db/decant");
  EXPECT_EQ(mask_secrets("postgresql://db/decant?user=a&password=s&x=1"),
            "postgresql://db/decant?user=a&password=***&x=1");
  EXPECT_EQ(mask_secrets("s3://bucket?access_key=a&secret=b"), "s3://bucket?access_key=***&secret=***");
  EXPECT_EQ(mask_secrets("sqlite:///a@b:c/decant.db"), "sqlite:///a@b:c/decant.db");
  EXPECT_EQ(mask_secrets("127.0.0.1:8080"), "127.0.0.1:8080");
  const auto wrong = load_settings({.environment = {{"DECANT_WORKERS", "postgresql://ada:s3cret@db"}}});
  EXPECT_THAT(wrong.error().message, Not(HasSubstr("s3cret")));
}

TEST(SettingsReference, TheDocumentHoldsTheTable) {
  const char* source = std::getenv("DECANT_SOURCE");
  ASSERT_NE(source, nullptr) << "run by ctest, which tells where the source is";
  std::stringstream document;
  document << std::ifstream(std::string(source) + "/docs/configuration.md").rdbuf();
  EXPECT_THAT(document.str(), HasSubstr(settings_reference())) << "put in what `decant config --reference` prints";
}

}  // namespace
}  // namespace decant
