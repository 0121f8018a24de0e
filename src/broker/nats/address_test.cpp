#include "broker/nats/address.h"

#include <gtest/gtest.h>

namespace decant::broker::nats {
namespace {

using namespace std::chrono_literals;

Result<Address> parse(std::string_view url) {
  const std::size_t rest = url.find("://") + 3;
  return parse_address(url.substr(rest),
                       url.starts_with("tls") ? Address::Transport::tls : Address::Transport::clear_text);
}

TEST(NatsAddress, NamesServersAndStream) {
  const Address address = parse("nats://a,b:5222,[::1]:6222/tasks").value();
  EXPECT_EQ(address.servers, (std::vector<std::string>{"a:4222", "b:5222", "[::1]:6222"}));
  EXPECT_EQ(address.transport, Address::Transport::clear_text);
  EXPECT_EQ(address.stream, "tasks");
  EXPECT_EQ(address.consumer, "workers");
  EXPECT_EQ(address.subject(), "tasks.rings");
  EXPECT_EQ(address.text(), "a:4222, b:5222, [::1]:6222");
}

TEST(NatsAddress, HasDefaults) {
  const Address address = parse("nats://localhost").value();
  EXPECT_EQ(address.servers, std::vector<std::string>{"localhost:4222"});
  EXPECT_EQ(address.stream, "decant");
  EXPECT_EQ(parse("nats://a/?max_age=1h").value().stream, "decant");
}

TEST(NatsAddress, KeepsAStreamThreefoldWhereItCan) {
  EXPECT_EQ(parse("nats://a").value().replicas, 1);
  EXPECT_EQ(parse("nats://a,b").value().replicas, 1);
  EXPECT_EQ(parse("nats://a,b,c").value().replicas, 3);
  EXPECT_EQ(parse("nats://a,b,c,d").value().replicas, 3);
  EXPECT_EQ(parse("nats://a?replicas=3").value().replicas, 3);
}

TEST(NatsAddress, TakesParameters) {
  const Address address = parse(
                              "tls://a/s?credentials=/etc/x%20y.creds&ca=ca.pem&certificate=c.pem&key=k.pem&consumer=w"
                              "&max_deliver=5&max_age=2h&duplicate_window=1min")
                              .value();
  EXPECT_EQ(address.transport, Address::Transport::tls);
  EXPECT_EQ(address.credentials, "/etc/x y.creds");
  EXPECT_EQ(address.ca, "ca.pem");
  EXPECT_EQ(address.certificate, "c.pem");
  EXPECT_EQ(address.key, "k.pem");
  EXPECT_EQ(address.consumer, "w");
  EXPECT_EQ(address.max_deliver, 5);
  EXPECT_EQ(address.max_age, 2h);
  EXPECT_EQ(address.duplicate_window, 1min);
}

TEST(NatsAddress, TakesAUser) {
  const Address address = parse("nats://ada:p%40ss%2f@a,b/s").value();
  EXPECT_EQ(address.user, "ada");
  EXPECT_EQ(address.password, "p@ss/");
  EXPECT_EQ(address.servers.size(), 2U);
  EXPECT_THAT(address.text(), testing::Not(testing::HasSubstr("ss")));
}

TEST(NatsAddress, RefusesWhatItDoesNotKnowWithoutTellingSecrets) {
  for (const char* url : {"nats://",
                          "nats:///s",
                          "nats://a:0",
                          "nats://a:99999",
                          "nats://a b",
                          "nats://a/s.t",
                          "nats://a/s/t",
                          "nats://a/%3E",
                          "nats://a/s?consumer=*",
                          "nats://a?nothing=1",
                          "nats://a?replicas=0",
                          "nats://a?replicas=x",
                          "nats://a?max_age=1",
                          "nats://a?max_deliver=-1",
                          "nats://a?credentials=",
                          "nats://a#x",
                          "nats://a?ca=x",
                          "tls://a?certificate=x",
                          "tls://a?key=x",
                          "nats://u:secret@a?credentials=x",
                          "nats://u:secret@a,,b",
                          "nats://u:secret@",
                          "nats://u:sec%ret@a"}) {
    const auto address = parse(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code, ErrorCode::invalid_argument) << url;
    EXPECT_EQ(address.error().describe().find("secret"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace decant::broker::nats
