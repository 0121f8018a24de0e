#pragma once

#include "tasks/direct_upload_store.h"

namespace decant::database {

/// The DirectUpload in a row of either dialect's DECANT_DIRECT_UPLOAD_COLUMNS. internal when the row breaks a rule.
template <class Row>
Result<tasks::DirectUpload> read_direct_upload(const Row& row) {
  enum Column { id, user_id, name, target, options, key, size, sha256 };
  const auto upload_id = tasks::TaskId::parse(row.text(id));
  const auto owner = tasks::UserId::parse(row.text(user_id));
  auto upload_options = tasks::parse_options_json(row.text(options));
  if (!upload_id || !owner || !upload_options) {
    return failure(ErrorCode::internal, "The database is damaged.", "the direct upload " + row.text(id));
  }
  return tasks::DirectUpload{.id = *upload_id,
                             .user = *owner,
                             .name = row.text(name),
                             .target = row.text(target),
                             .options = *std::move(upload_options),
                             .key = row.text(key),
                             .size = row.integer(size),
                             .sha256 = row.text(sha256)};
}

}  // namespace decant::database
