#include "http/api_events.h"

#include <fmt/format.h>

#include "http/api_endpoint.h"
#include "http/api_json.h"
#include "http/api_tasks.h"
#include "tasks/retry.h"
#include "tasks/task_service.h"

namespace decant::http {
namespace {

using tasks::ChangePosition;
using tasks::TaskChange;
using tasks::Watch;

/// How soon a client that is behind is looked after: nobody tells when it reads on.
constexpr std::chrono::milliseconds look_after_slow{500};

SteadyTime now() { return std::chrono::steady_clock::now(); }

bool is_final(tasks::State state) { return state != tasks::State::UPLOADED && state != tasks::State::PROCESSING; }

std::string error_json(const std::optional<tasks::TaskError>& error) {
  if (!error) return "null";
  return fmt::format(R"({{"code":"{}","message":{}}})", to_string(error->code), json_string(error->message));
}

/// The lines of an event but the empty one that ends it.
std::string event_text(const TaskChange& change) {
  return fmt::format(
      "event: task\ndata: {{\"id\":\"{}\",\"state\":\"{}\",\"progress\":{:.4g},\"attempts\":{},\"error\":{}}}\n",
      change.task.text(), to_string(change.state), change.progress, change.attempts, error_json(change.error));
}

/// Of several events only the last has the id: whoever is cut off amid them hears all again.
std::string news_text(const Watch::News& news) {
  std::string text;
  for (const TaskChange& change : news.changes) {
    if (!text.empty()) text += '\n';
    text += event_text(change);
  }
  if (news.position) text += fmt::format("id: {}\n", news.position->text());
  return text + '\n';
}

Result<std::optional<ChangePosition>> find_last_event(const Request& request) {
  const std::string_view text = request.header("Last-Event-ID");
  if (text.empty()) return std::nullopt;
  const auto position = ChangePosition::parse(text);
  if (!position) return failure(ErrorCode::invalid_argument, "Last-Event-ID: must be the id of an event");
  return position;
}

/// One client that listens.
class EventStream final : public ResponseStream {
 public:
  EventStream(const ApiOptions& options, const Authenticator& authenticator, const Request& request,
              std::unique_ptr<Watch::Listener> listener, bool ends_with_task)
      : options_(options),
        authenticator_(authenticator),
        request_(request),
        listener_(std::move(listener)),
        ends_with_task_(ends_with_task),
        end_of_life_(now() + options.events.lifetime) {}

  Awaitable<Result<std::string>> next(StreamReader& reader) override {
    if (!has_begun_) {
      has_begun_ = true;
      next_heartbeat_ = now() + options_.events.heartbeat;
      listener_->on_news(reader.waker());
      // Not all at once when a server goes.
      const auto pause = options_.events.retry / 2 + tasks::draw_up_to(options_.events.retry);
      co_return fmt::format("retry: {}\n\n", pause.count());
    }
    while (!is_over_ && now() < end_of_life_) {
      if (reader.unread() > options_.events.backlog) {
        if (!behind_since_) behind_since_ = now();
        if (now() - *behind_since_ > options_.events.heartbeat) {
          co_return failure(ErrorCode::canceled, "the client does not read");
        }
        if (!co_await reader.wait(now() + look_after_slow)) co_return std::string();
        continue;
      }
      behind_since_.reset();
      const Watch::News news = listener_->take();
      if (news.is_lost) co_return std::string();  // it comes back and reads on from where it was
      if (news.position || !news.changes.empty()) {
        is_over_ = ends_with_task_ && !news.changes.empty() && is_final(news.changes.back().state);
        co_return news_text(news);
      }
      if (now() >= next_heartbeat_) {
        next_heartbeat_ = now() + options_.events.heartbeat;
        // A token that has run out, or an account that was disabled, hears no more.
        if (!co_await authenticator_(request_)) co_return std::string();
        co_return std::string(":\n\n");
      }
      if (!co_await reader.wait(std::min(next_heartbeat_, end_of_life_))) co_return std::string();
    }
    co_return std::string();
  }

 private:
  const ApiOptions& options_;
  const Authenticator& authenticator_;
  const Request& request_;
  std::unique_ptr<Watch::Listener> listener_;
  bool ends_with_task_;
  bool has_begun_ = false;
  bool is_over_ = false;
  SteadyTime next_heartbeat_{};
  SteadyTime end_of_life_;
  std::optional<SteadyTime> behind_since_;  ///< while it has not read what was sent
};

}  // namespace

EventsApi::EventsApi(const ApiOptions& options, const ApiParts& parts, Authenticator authenticator)
    : options_(options),
      parts_(parts),
      authenticator_(std::move(authenticator)),
      watch_(options.events.watch, parts.changes, parts.log) {}

void EventsApi::add_routes(Router& router) {
  const auto add = [&](std::string pattern, Awaitable<Result<Response>> (EventsApi::*endpoint)(Request&)) {
    router.add(
        {.method = Method::get,
         .pattern = std::move(pattern),
         .access = Access::user,
         .handler = answer([this, endpoint](Request& request) { return (this->*endpoint)(request); }, parts_.log)});
  };
  add("/api/events", &EventsApi::all);
  add("/api/tasks/{id}/events", &EventsApi::one);
}

Result<Response> EventsApi::stream(const Request& request, Watch::Interest interest) {
  const bool ends_with_task = interest.task.has_value();
  DECANT_TRY(auto listener, watch_.listen(std::move(interest)));
  Response response;
  response.set("Content-Type", "text/event-stream");
  response.set("Cache-Control", "no-store");
  response.set("X-Accel-Buffering", "no");  // nginx passes each event on at once
  response.body = std::make_unique<EventStream>(options_, authenticator_, request, std::move(listener), ends_with_task);
  return response;
}

Awaitable<Result<Response>> EventsApi::all(Request& request) {
  DECANT_CO_TRY(const auto after, find_last_event(request));
  co_return stream(request, {.user = request.user->id, .after = after});
}

Awaitable<Result<Response>> EventsApi::one(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_TRY(const auto after, find_last_event(request));
  DECANT_CO_TRY(const auto change,
                co_await parts_.pool.run([&] { return parts_.changes.find_change(id, request.user->id); }));
  const bool is_gone = !change || (change->state == tasks::State::CANCELED && !after);
  if (is_gone) co_return tasks::no_such_task();
  if (after && is_final(change->state) && change->position <= *after) {
    // The client has heard the end: this keeps it from coming back for ever.
    co_return Response{.status = 204};
  }
  co_return stream(request, {.user = request.user->id, .task = id});
}

}  // namespace decant::http
