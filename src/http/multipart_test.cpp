#include "http/multipart.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace decant::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What a parser says about a body, as text: "<name|filename|type>data</>" a part, then the error if there is one.
class Reader {
 public:
  explicit Reader(std::string_view boundary = "xx", MultipartLimits limits = {}) : parser_(boundary, limits) {}

  void feed(std::string_view bytes) {
    if (error) return;
    parser_.feed(std::as_bytes(std::span(bytes)));
    while (true) {
      const auto event = parser_.next();
      if (!event) {
        error = event.error();
        return;
      }
      if (std::holds_alternative<MultipartParser::NeedMore>(*event)) return;
      if (const auto* begin = std::get_if<MultipartParser::PartBegin>(&*event)) {
        text += fmt::format("<{}|{}|{}>", begin->name, begin->filename.value_or("-"), begin->content_type);
      } else if (const auto* data = std::get_if<MultipartParser::PartData>(&*event)) {
        EXPECT_FALSE(data->bytes.empty());
        text.append(reinterpret_cast<const char*>(data->bytes.data()), data->bytes.size());
      } else {
        text += "</>";
      }
    }
  }

  std::string finish() {
    if (!error) {
      if (const auto finished = parser_.finish(); !finished) error = finished.error();
    }
    return error ? text + "!" + std::string(to_string(error->code)) : text;
  }

  std::string text;
  std::optional<Error> error;

 private:
  MultipartParser parser_;
};

std::string read_whole(std::string_view body, MultipartLimits limits = {}) {
  Reader reader("xx", limits);
  reader.feed(body);
  return reader.finish();
}

std::string part(std::string_view headers, std::string_view data) {
  return fmt::format("--xx\r\n{}\r\n\r\n{}\r\n", headers, data);
}

const std::string field = "Content-Disposition: form-data; name=\"a\"";

TEST(Multipart, ReadsFieldsAndFiles) {
  EXPECT_EQ(
      read_whole(part(field, "1") +
                 part("content-type: audio/mpeg\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"s.mp3\"",
                      "ID3") +
                 "--xx--\r\n"),
      "<a|-|text/plain>1</><audio|s.mp3|audio/mpeg>ID3</>");
}

TEST(Multipart, TakesEmptyPartsPreambleEpiloguePaddingAndNoLastLineEnd) {
  EXPECT_EQ(read_whole("hello\r\n--x\r\n" + part(field, "") + "--xx \t\r\n" + field +
                       "\r\n\r\n\r\n--xx-- \r\nbye\r\n--xx\r\n"),
            "<a|-|text/plain></><a|-|text/plain></>");
  EXPECT_EQ(read_whole(part(field, "1") + "--xx--"), "<a|-|text/plain>1</>");
  EXPECT_EQ(read_whole("--xx--"), "");
}

TEST(Multipart, KeepsDataThatLooksAlmostLikeABoundary) {
  const std::string data = "\r\n--x\r\n--\r\n\r\r\n-\r--xx\n--xx\r\n --xx--";
  EXPECT_EQ(read_whole(part(field, data) + "--xx--"), "<a|-|text/plain>" + data + "</>");
}

TEST(Multipart, ReadsNamesAsBrowsersAndCurlSendThem) {
  const auto filename = [](const std::string& parameters) {
    return read_whole(part("Content-Disposition: form-data; name=\"a\"; " + parameters, "") + "--xx--");
  };
  EXPECT_EQ(filename("filename=\"na%22me%0D%0A.mp3\""), "<a|na\"me\r\n.mp3|text/plain></>");   // browsers, curl ≥ 7.81
  EXPECT_EQ(filename("filename=\"na\\\"me\\\\.mp3\""), "<a|na\"me\\.mp3|text/plain></>");      // older curl
  EXPECT_EQ(filename("filename=\"C:\\music\\a.mp3\""), "<a|C:\\music\\a.mp3|text/plain></>");  // old browsers
  EXPECT_EQ(filename("filename=\"100%25 日本.mp3\""), "<a|100%25 日本.mp3|text/plain></>");
  EXPECT_EQ(filename("filename=plain.mp3"), "<a|plain.mp3|text/plain></>");
  EXPECT_EQ(filename("filename=\"\""), "<a||text/plain></>");
  EXPECT_EQ(filename("filename=\"x.mp3\"; filename*=UTF-8''%e2%82%ac.mp3"), "<a|€.mp3|text/plain></>");
  EXPECT_EQ(filename("filename*=iso-8859-1'en'%A3.mp3; filename=x"), "<a|£.mp3|text/plain></>");
  EXPECT_EQ(filename("filename=x; filename*=UTF-8''%ff"), "<a|x|text/plain></>");
  EXPECT_EQ(filename("filename=\"../../etc/passwd\""),
            "<a|../../etc/passwd|text/plain></>");  // as sent: the caller cleans
  EXPECT_EQ(filename("filename=\"a;b=c\""), "<a|a;b=c|text/plain></>");
}

TEST(Multipart, RefusesWhatIsMalformed) {
  const std::string end = "--xx--\r\n";
  for (const std::string& body : {
           std::string(),                                      // nothing
           std::string("no boundary at all"),                  //
           part(field, "1"),                                   // the last boundary is missing
           part(field, "1") + "--xx",                          // it breaks off
           part(field, "1") + "--xx-",                         //
           std::string("--xx\n" + field + "\n\n1\n--xx--\n"),  // lone LF
           "--xxy\r\n" + field + "\r\n\r\n1\r\n" + end,        // another boundary
           part("Content-Disposition: form-data", "1") + end,  // no name
           part("Content-Type: text/plain", "1") + end,        // no disposition
           part(field + "\r\n" + field, "1") + end,            // two
           part("Content-Disposition: attachment; name=a", "1") + end,
           part("Content-Disposition: form-data; name=\"a", "1") + end,
           part("Content-Disposition: form-data; name=a; name=b", "1") + end,
           part(field + "\r\n folded: x", "1") + end,
           part("Content Disposition: form-data; name=a", "1") + end,
           part("Content-Disposition", "1") + end,
           part(field + "\r\nContent-Transfer-Encoding: base64", "MQ==") + end,
           part(field + std::string("\r\nX-Nul: a\0b", 12), "1") + end,
       }) {
    EXPECT_THAT(read_whole(body), HasSubstr("!invalid_argument")) << body;
  }
}

TEST(Multipart, KeepsItsLimits) {
  EXPECT_THAT(read_whole(part(field, "1") + part(field, "2") + "--xx--", {.parts = 1}), HasSubstr("1</>!too_large"));
  EXPECT_THAT(read_whole(part(field + "\r\nX: " + std::string(200, 'x'), "") + "--xx--", {.header_bytes = 100}),
              HasSubstr("!too_large"));
  EXPECT_THAT(read_whole("--xx\r\n" + std::string(100'000, 'x')), HasSubstr("!too_large"));
  EXPECT_THAT(read_whole("--xx" + std::string(100'000, ' ')), HasSubstr("!too_large"));
}

TEST(Multipart, FindsTheBoundary) {
  EXPECT_EQ(*MultipartParser::find_boundary("multipart/form-data; boundary=----WebKitFormBoundaryAb9"),
            "----WebKitFormBoundaryAb9");
  EXPECT_EQ(*MultipartParser::find_boundary("Multipart/Form-Data;charset=utf-8; Boundary=\"a b'()+_,-./:=?c\""),
            "a b'()+_,-./:=?c");
  EXPECT_EQ(MultipartParser::find_boundary("application/json").error().code, ErrorCode::unsupported_media);
  EXPECT_EQ(MultipartParser::find_boundary("").error().code, ErrorCode::unsupported_media);
  EXPECT_EQ(MultipartParser::find_boundary("multipart/mixed; boundary=a").error().code, ErrorCode::unsupported_media);
  for (const std::string& boundary : {std::string(), std::string(71, 'a'), std::string("\"a \""),
                                      std::string("\"a\\\"b\""), std::string("\"a\tb\"")}) {
    EXPECT_EQ(MultipartParser::find_boundary("multipart/form-data; boundary=" + boundary).error().code,
              ErrorCode::invalid_argument)
        << boundary;
  }
  EXPECT_TRUE(MultipartParser::find_boundary("multipart/form-data; boundary=" + std::string(70, 'a')));
}

/// A body whose content is full of what the parser looks for.
std::string make_hard_body(std::mt19937& random) {
  static const std::vector<std::string> pieces = {"\r", "\n",     "\r\n",    "-",    "--", "x",
                                                  "xx", "\r\n--", "\r\n--x", "--xx", "a",  std::string(1, '\0')};
  std::string body = random() % 2 == 0 ? "" : "pre\r\n";
  for (int parts = static_cast<int>(random() % 4); parts > 0; --parts) {
    std::string data;
    for (int count = static_cast<int>(random() % 12); count > 0; --count) data += pieces[random() % pieces.size()];
    body += part(field, data);
  }
  return body + "--xx--" + (random() % 2 == 0 ? "" : "\r\nafter");
}

TEST(Multipart, SaysTheSameHoweverTheBodyIsCut) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 60; ++round) {
    const std::string body = make_hard_body(random);
    const std::string whole = read_whole(body);
    for (std::size_t first = 0; first <= body.size(); ++first) {
      Reader reader;
      reader.feed(std::string_view(body).substr(0, first));
      reader.feed(std::string_view(body).substr(first));
      ASSERT_EQ(reader.finish(), whole) << "cut at " << first;
    }
    for (int cutting = 0; cutting < 50; ++cutting) {
      const std::size_t longest = 1 + random() % 9;
      Reader reader;
      for (std::size_t position = 0; position < body.size();) {
        // A copy of its own, so that the sanitizer sees a view that outlives its bytes.
        const std::string piece = body.substr(position, 1 + random() % longest);
        reader.feed(piece);
        position += piece.size();
      }
      ASSERT_EQ(reader.finish(), whole);
    }
  }
}

}  // namespace
}  // namespace decant::http
