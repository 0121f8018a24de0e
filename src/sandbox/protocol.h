#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/layer.h"
#include "tasks/converter.h"

/// What the server, the zygote and its children tell each other, over SOCK_SEQPACKET sockets of one machine:
///
///   server → zygote   one packet a job: JobSpec, with the descriptors {input, output, control, extras,
///                     cover, lifeline}
///   zygote → server   once, at its start: Hello; then one JobStatus on a job's lifeline when its child is gone
///   server closes a lifeline (either way): the job is canceled
///   zygote → child    the JobSpec as it came, with {input, output, control, extras, cover}
///   child → server    on control: progress and the outcome. Hostile: the child has read the upload.
///   child → zygote    one byte on its channel for job tokens (job_tokens.h). Hostile too.
namespace decant::sandbox {

inline constexpr std::size_t max_job_bytes = 64 * 1024;
inline constexpr std::size_t max_hello_bytes = 160 * 1024;
/// A child's outcome goes in packets of this size at the most, and in all may be this long.
inline constexpr std::size_t max_child_packet_bytes = 32 * 1024;
inline constexpr std::size_t max_outcome_bytes = 8 * 1024 * 1024;
/// No honest analysis makes a file of this size.
inline constexpr ByteCount max_artifact_bytes = 16 * 1024 * 1024;

struct JobSpec {
  enum class Kind { probe, convert };
  Kind kind = Kind::probe;
  std::chrono::milliseconds time_limit{};  ///< the zygote kills the child after it
  std::string target;                      ///< of conversions; empty: analyses alone
  tasks::ConversionOptions options;        ///< of conversions
  enum class Cover { none, given };
  Cover cover = Cover::none;  ///< whether the descriptor for it is one
};

[[nodiscard]] std::string encode(const JobSpec& job);
Result<JobSpec> parse_job(std::string_view bytes);

struct Hello {
  std::string catalog;  ///< tasks::FormatCatalog, JSON
  Layers layers;
};

[[nodiscard]] std::string encode(const Hello& hello);
Result<Hello> parse_hello(std::string_view bytes);

/// How a child ended.
struct JobStatus {
  enum class Cause : std::int32_t {
    exited,    ///< by itself; wait_status says how
    deadline,  ///< killed: past its time limit
    canceled,  ///< killed: the lifeline was closed
    rejected,  ///< killed: it broke the protocol with the zygote
    refused,   ///< never started: the zygote could not fork
  };
  Cause cause = Cause::exited;
  std::int32_t wait_status = 0;  ///< as of waitpid
};

[[nodiscard]] std::string encode(const JobStatus& status);
std::optional<JobStatus> parse_status(std::string_view bytes);

/// The first byte of every packet of a child; the rest is its text. `part` comes before `result` or `error` when those
/// are long. A packet that begins otherwise is what a library wrote to standard error.
enum class ChildMessage : char { progress = 1, part = 2, result = 3, error = 4 };

/// What a child tells at its end: for a probe MediaInfo's JSON, for a conversion encode(ConversionResult).
[[nodiscard]] std::string encode(const tasks::ConversionResult& result);
Result<tasks::ConversionResult> parse_result(std::string_view bytes);
[[nodiscard]] std::string encode(const Error& error);
/// Only the codes that a conversion may end with are taken; the texts are bounded and cleaned of control characters.
Result<Error> parse_error(std::string_view bytes);

/// From 0 to 1; nothing for anything else.
std::optional<double> parse_progress(std::string_view bytes);
[[nodiscard]] std::string encode_progress(double part_done);

/// `text` cut to `max_bytes`, control characters replaced by spaces, and what is no UTF-8 by '?'.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace decant::sandbox
