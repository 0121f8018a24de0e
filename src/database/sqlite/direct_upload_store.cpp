#include "database/sqlite/direct_upload_store.h"

#include "database/direct_upload_row.h"
#include "database/sqlite/direct_upload_store_sql.h"

namespace decant::database::sqlite {
namespace {

Result<void> check_count(Connection& connection, const tasks::NewDirectUpload& given) {
  DECANT_TRY(Statement statement, connection.prepare(sql::count_uploads));
  statement.bind(given.upload.user);
  DECANT_CHECK(statement.step());
  if (statement.integer(0) < given.most_open) return {};
  return failure(ErrorCode::rate_limited, "too many uploads are open: confirm some, or wait for them to expire");
}

}  // namespace

Result<void> DirectUploadStore::insert_upload(const tasks::NewDirectUpload& given) {
  return writer_.run([&](Connection& connection) -> Result<void> {
    const tasks::DirectUpload& upload = given.upload;
    DECANT_CHECK(TaskStore::check_room(connection, upload.user, upload.size, given.quota));
    DECANT_CHECK(check_count(connection, given));
    DECANT_CHECK(connection.change(sql::insert_upload, upload.id, upload.user, upload.name, upload.target,
                                   to_json(upload.options), upload.key, upload.size, upload.sha256, given.link_lifetime,
                                   given.grace));
    return {};
  });
}

Result<std::optional<tasks::DirectUpload>> DirectUploadStore::find_upload(const tasks::TaskId& id,
                                                                          const tasks::UserId& user) {
  return readers_.run([&](Connection& connection) -> Result<std::optional<tasks::DirectUpload>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::find_upload));
    statement.bind(id, user);
    DECANT_TRY(const bool found, statement.step());
    if (!found) return std::nullopt;
    return read_direct_upload(statement);
  });
}

Result<std::optional<tasks::Task>> DirectUploadStore::turn_into_task(const tasks::Task& task) {
  return writer_.run([&](Connection& connection) -> Result<std::optional<tasks::Task>> {
    DECANT_TRY(const std::int64_t rows, connection.change(sql::delete_upload, task.id, task.user));
    if (rows == 0) return std::nullopt;
    return tasks_.insert_row(connection, {task});
  });
}

Result<void> DirectUploadStore::give_up(const tasks::TaskId& id) {
  return writer_.run([&](Connection& connection) -> Result<void> {
    DECANT_CHECK(connection.change(sql::give_up_upload, id));
    return {};
  });
}

}  // namespace decant::database::sqlite
