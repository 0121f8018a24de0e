// Loads one server on loopback with one kind of request and checks every answer:
//
//   http_load port=N connections=N seconds=S request=FILE … [rate=R] [limit=N] [status=N] [contains=TEXT times=N]
//   [body=FILE]
//
// A request file holds the bytes of one whole request; each connection sends them in turn. Without rate= the loop is
// closed: a connection asks again when it has its answer. With rate= it is open: requests are due at a fixed pace
// whoever is slow, and are timed from the moment they were due. An answer is right with the status, so many times the
// text, and exactly the body that are named. Keep-alive is followed; a connection that the server ends is made anew,
// and that counts as the user's time. 429 and 503 are refusals, not errors: the connection pauses a second. Prints
// JSON.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr Seconds answer_timeout{60};
constexpr Seconds pause_after_refusal{1};
constexpr std::size_t kept_body_limit = 4 << 20;

struct Load {
  int port = 0;
  std::size_t connections = 1;
  Seconds duration{1};
  double rate = 0;        // 0: closed loop
  std::size_t limit = 0;  // requests in all; 0: no bound but the time
  int status = 200;
  std::string contains;
  std::size_t times = 1;
  std::string body;  // empty: any
  std::vector<std::string> requests;
};

struct Connection {
  enum class State { idle, connecting, sending, reading, pausing };
  State state = State::idle;
  int socket = -1;
  bool is_reused = false;
  std::size_t request = 0;
  std::size_t sent = 0;
  std::string head;                               // what came before the end of the head was seen
  std::shared_ptr<const std::string> known_body;  // what this one has equalled so far; null: it is another
  std::string kept_body;                          // of another
  std::size_t body_seen = 0;
  std::size_t body_length = 0;
  bool has_head = false, is_body_right = true, will_close = false;
  int status = 0;
  Clock::time_point began, deadline;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t count(std::string_view text, std::string_view wanted) {
  std::size_t found = 0;
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + wanted.size())) ++found;
  return found;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

class Loader {
 public:
  explicit Loader(Load load) : load_(std::move(load)), connections_(load_.connections), epoll_(::epoll_create1(0)) {}

  void run() {
    start_ = Clock::now();
    end_ = start_ + std::chrono::duration_cast<Clock::duration>(load_.duration);
    next_due_ = start_;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].request = i % load_.requests.size();
      idle_.push_back(i);
    }
    std::vector<epoll_event> events(1024);
    while (true) {
      feed();
      if (is_over() && in_flight_ == 0) break;
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
      for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(std::max(ready, 0)))) {
        progress(connections_[event.data.u64]);
      }
      check_deadlines();
    }
  }

  void print() {
    std::ranges::sort(latencies_);
    const auto percentile = [&](double part) {
      if (latencies_.empty()) return 0.0F;
      return latencies_[std::min(latencies_.size() - 1,
                                 static_cast<std::size_t>(part * static_cast<double>(latencies_.size())))];
    };
    const auto slow = latencies_.end() - std::ranges::upper_bound(latencies_, 150.0F);
    const double seconds = Seconds(std::max(last_answer_, start_) - start_).count();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    std::cout << "{\"answers\":" << latencies_.size() << ",\"seconds\":" << seconds
              << ",\"per_second\":" << (seconds > 0 ? static_cast<double>(latencies_.size()) / seconds : 0)
              << ",\"p50\":" << percentile(0.5) << ",\"p95\":" << percentile(0.95) << ",\"p99\":" << percentile(0.99)
              << ",\"max\":" << (latencies_.empty() ? 0.0F : latencies_.back()) << ",\"over_150_ms\":"
              << (latencies_.empty() ? 0 : static_cast<double>(slow) / static_cast<double>(latencies_.size()))
              << ",\"bytes\":" << bytes_ << ",\"refused\":" << refused_ << ",\"unserved\":" << due_.size()
              << ",\"loader_cpu_seconds\":" << of(usage.ru_utime) + of(usage.ru_stime) << ",\"errors\":{";
    const char* comma = "";
    for (const auto& [what, times] : errors_) {
      std::cout << comma << '"' << what << "\":" << times;
      comma = ",";
    }
    std::cout << "}}\n";
  }

 private:
  bool is_over() const { return Clock::now() >= end_ || (load_.limit != 0 && begun_ >= load_.limit); }

  int wait_ms() const {
    Clock::time_point until = Clock::now() + std::chrono::milliseconds(100);
    if (load_.rate > 0) until = std::min(until, next_due_);
    if (!pausing_.empty()) until = std::min(until, pausing_.top().first);
    return static_cast<int>(
        std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count()));
  }

  // Gives idle connections what is to be asked now.
  void feed() {
    const Clock::time_point now = Clock::now();
    while (!pausing_.empty() && pausing_.top().first <= now) {
      connections_[pausing_.top().second].state = Connection::State::idle;
      idle_.push_back(pausing_.top().second);
      pausing_.pop();
    }
    if (load_.rate > 0) {
      const auto interval = std::chrono::duration_cast<Clock::duration>(Seconds(1 / load_.rate));
      for (; next_due_ <= std::min(now, end_); next_due_ += interval) due_.push_back(next_due_);
    }
    while (!idle_.empty() && !is_over() && (load_.rate <= 0 || !due_.empty())) {
      Connection& connection = connections_[idle_.front()];
      idle_.pop_front();
      Clock::time_point due = now;
      if (load_.rate > 0) {
        due = due_.front();
        due_.pop_front();
      }
      ++begun_;
      ++in_flight_;
      begin(connection, due);
    }
  }

  void begin(Connection& connection, Clock::time_point due) {
    connection.began = due;
    connection.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(answer_timeout);
    connection.is_reused = connection.socket >= 0;
    send_from_the_start(connection);
  }

  void send_from_the_start(Connection& connection) {
    connection.sent = connection.body_seen = connection.body_length = 0;
    connection.head.clear();
    connection.kept_body.clear();
    connection.known_body = right_body_;
    connection.has_head = connection.will_close = false;
    connection.is_body_right = true;
    if (connection.socket < 0) return connect(connection);
    connection.state = Connection::State::sending;
    progress(connection);
  }

  void connect(Connection& connection) {
    connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection.socket < 0) return finish(connection, "socket");
    const int on = 1;
    ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.u64 = index_of(connection)}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
    const sockaddr_in address{.sin_family = AF_INET,
                              .sin_port = htons(static_cast<std::uint16_t>(load_.port)),
                              .sin_addr = {htonl(INADDR_LOOPBACK)},
                              .sin_zero = {}};
    connection.state = Connection::State::connecting;
    if (::connect(connection.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      finish(connection, "connect");
    }
  }

  void progress(Connection& connection) {
    if (connection.state == Connection::State::connecting) {
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(connection.socket, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) return finish(connection, "connect");
      connection.state = Connection::State::sending;
    }
    if (connection.state == Connection::State::sending && !send(connection)) return;
    // A server may answer before it has read all.
    if (connection.state == Connection::State::sending || connection.state == Connection::State::reading)
      return read(connection);
    if (connection.state == Connection::State::idle && connection.socket >= 0) {
      char byte = 0;
      if (::recv(connection.socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) close(connection);
    }
  }

  bool send(Connection& connection) {
    const std::string& request = load_.requests[connection.request];
    while (connection.sent < request.size()) {
      const ssize_t n =
          ::send(connection.socket, request.data() + connection.sent, request.size() - connection.sent, MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
      if (n < 0) return connection.is_reused ? (again(connection), false) : (read(connection), false);
      connection.sent += static_cast<std::size_t>(n);
    }
    connection.state = Connection::State::reading;
    return true;
  }

  // The server may end a connection just as it is used again.
  void again(Connection& connection) {
    close(connection);
    connection.is_reused = false;
    send_from_the_start(connection);
  }

  void read(Connection& connection) {
    while (true) {
      const ssize_t n = ::recv(connection.socket, buffer_.data(), buffer_.size(), 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) {
        if (connection.is_reused && connection.head.empty() && !connection.has_head) return again(connection);
        return finish(connection, "closed");
      }
      bytes_ += static_cast<std::size_t>(n);
      if (!take(connection, {buffer_.data(), static_cast<std::size_t>(n)})) return finish(connection, "framing");
      if (connection.has_head && connection.body_seen >= connection.body_length) return judge(connection);
    }
  }

  bool take(Connection& connection, std::string_view bytes) {
    if (!connection.has_head) {
      connection.head += bytes;
      const std::size_t end = connection.head.find("\r\n\r\n");
      if (end == std::string::npos) return connection.head.size() < (1 << 16);
      const std::string head = lower(std::string_view(connection.head).substr(0, end + 2));
      connection.has_head = true;
      connection.status = std::atoi(head.substr(head.find(' ') + 1).c_str());
      const std::size_t length = head.find("\r\ncontent-length:");
      if (length != head.npos) {
        connection.body_length = static_cast<std::size_t>(std::atoll(head.c_str() + length + 17));
      } else if (connection.status != 204) {
        return false;
      }
      connection.will_close = head.find("\r\nconnection: close") != head.npos;
      return take_body(connection, std::string_view(connection.head).substr(end + 4));
    }
    return take_body(connection, bytes);
  }

  bool take_body(Connection& connection, std::string_view bytes) {
    if (connection.body_seen + bytes.size() > connection.body_length) return false;
    if (!load_.body.empty() && connection.status == load_.status) {
      connection.is_body_right &= connection.body_length == load_.body.size() &&
                                  load_.body.compare(connection.body_seen, bytes.size(), bytes) == 0;
    }
    if (!load_.contains.empty()) keep(connection, bytes);
    connection.body_seen += bytes.size();
    return true;
  }

  // Most answers are the one before again, byte by byte: comparing takes less of the server's cores than counting.
  void keep(Connection& connection, std::string_view bytes) {
    if (connection.known_body) {
      if (connection.known_body->compare(connection.body_seen, bytes.size(), bytes) == 0) return;
      forget_known(connection);
    }
    if (connection.kept_body.size() < kept_body_limit) connection.kept_body += bytes;
  }

  void forget_known(Connection& connection) {
    connection.kept_body = connection.known_body->substr(0, connection.body_seen);
    connection.known_body = nullptr;
  }

  bool has_text(Connection& connection) {
    if (load_.contains.empty()) return true;
    if (connection.known_body && connection.known_body->size() == connection.body_seen) return true;
    if (connection.known_body) forget_known(connection);
    if (count(connection.kept_body, load_.contains) != load_.times) return false;
    if (connection.kept_body.size() == connection.body_seen)
      right_body_ = std::make_shared<const std::string>(connection.kept_body);
    return true;
  }

  void judge(Connection& connection) {
    if (connection.status == 429 || connection.status == 503) return finish(connection, "refused");
    if (connection.status != load_.status) return finish(connection, "status " + std::to_string(connection.status));
    finish(connection, connection.is_body_right && has_text(connection) ? "" : "wrong body");
  }

  // `error` is empty when the answer was right.
  void finish(Connection& connection, const std::string& error) {
    const Clock::time_point now = Clock::now();
    --in_flight_;
    const bool is_sent = connection.sent == load_.requests[connection.request].size();
    connection.request = (connection.request + 1) % load_.requests.size();
    if (!error.empty() || connection.will_close || !is_sent) close(connection);
    if (error.empty()) {
      latencies_.push_back(std::chrono::duration<float, std::milli>(now - connection.began).count());
      last_answer_ = now;
    } else if (error == "refused") {
      ++refused_;
    } else {
      ++errors_[error];
    }
    if (error.empty()) {
      connection.state = Connection::State::idle;
      idle_.push_back(index_of(connection));
    } else {
      connection.state = Connection::State::pausing;
      pausing_.emplace(now + std::chrono::duration_cast<Clock::duration>(pause_after_refusal), index_of(connection));
    }
  }

  void close(Connection& connection) {
    if (connection.socket >= 0) ::close(connection.socket);
    connection.socket = -1;
  }

  void check_deadlines() {
    const Clock::time_point now = Clock::now();
    if (now - last_check_ < std::chrono::milliseconds(100)) return;
    last_check_ = now;
    for (Connection& connection : connections_) {
      const bool works = connection.state != Connection::State::idle && connection.state != Connection::State::pausing;
      if (works && connection.deadline < now) finish(connection, "timeout");
    }
  }

  std::size_t index_of(const Connection& connection) const {
    return static_cast<std::size_t>(&connection - connections_.data());
  }

  Load load_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  using Pause = std::pair<Clock::time_point, std::size_t>;
  std::priority_queue<Pause, std::vector<Pause>, std::greater<>> pausing_;
  std::deque<Clock::time_point> due_;
  Clock::time_point start_, end_, next_due_, last_answer_, last_check_;
  std::size_t begun_ = 0, in_flight_ = 0, refused_ = 0, bytes_ = 0;
  std::vector<float> latencies_;  // milliseconds
  std::map<std::string, std::size_t> errors_;
  std::shared_ptr<const std::string> right_body_;  // the last that was counted and had the text
  std::vector<char> buffer_ = std::vector<char>(1 << 18);
  int epoll_;
};

Load parse(std::span<char*> arguments) {
  Load load;
  for (const std::string argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (equals == argument.npos) throw std::runtime_error("an argument is name=value, not " + argument);
    const std::string name = argument.substr(0, equals);
    const std::string value = argument.substr(equals + 1);
    if (name == "port")
      load.port = std::stoi(value);
    else if (name == "connections")
      load.connections = std::stoul(value);
    else if (name == "seconds")
      load.duration = Seconds(std::stod(value));
    else if (name == "rate")
      load.rate = std::stod(value);
    else if (name == "limit")
      load.limit = std::stoul(value);
    else if (name == "status")
      load.status = std::stoi(value);
    else if (name == "contains")
      load.contains = value;
    else if (name == "times")
      load.times = std::stoul(value);
    else if (name == "body")
      load.body = read_file(value);
    else if (name == "request")
      load.requests.push_back(read_file(value));
    else
      throw std::runtime_error("unknown argument " + name);
  }
  if (load.port == 0 || load.requests.empty() || load.connections == 0)
    throw std::runtime_error("port=, connections= and request= are needed");
  return load;
}

}  // namespace

int main(int count, char** values) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    Loader loader(parse(std::span(values, static_cast<std::size_t>(count)).subspan(1)));
    loader.run();
    loader.print();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "http_load: " << error.what() << '\n';
    return 2;
  }
}
