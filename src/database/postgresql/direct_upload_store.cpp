#include "database/postgresql/direct_upload_store.h"

#include "database/direct_upload_row.h"
#include "database/postgresql/direct_upload_store_sql.h"

namespace decant::database::postgresql {

Result<void> DirectUploadStore::insert_upload(const tasks::NewDirectUpload& given) {
  return pool_.run([&](Connection& connection) -> Result<void> {
    const tasks::DirectUpload& upload = given.upload;
    DECANT_TRY(Transaction transaction, Transaction::begin(connection));
    DECANT_TRY(const Rows owner, connection.query(sql::lock_storage, upload.user));
    if (owner.count() == 0) {
      return failure(ErrorCode::unauthenticated, "This account does not exist or is disabled.");
    }
    if (given.quota > 0 && upload.size > given.quota - owner[0].integer(0)) {
      return failure(ErrorCode::quota_exceeded,
                     "Your files would take more room than your account has: delete some first.");
    }
    // By a statement of its own: the one before may have waited, and counted what was there when it began.
    DECANT_TRY(const Rows open, connection.query(sql::count_uploads, upload.user));
    if (open[0].integer(0) >= given.most_open) {
      return failure(ErrorCode::rate_limited, "too many uploads are open: confirm some, or wait for them to expire");
    }
    DECANT_CHECK(connection.change(sql::insert_upload, upload.id, upload.user, upload.name, upload.target,
                                   to_json(upload.options), upload.key, upload.size, upload.sha256, given.link_lifetime,
                                   given.grace));
    return transaction.commit();
  });
}

Result<std::optional<tasks::DirectUpload>> DirectUploadStore::find_upload(const tasks::TaskId& id,
                                                                          const tasks::UserId& user) {
  return pool_.run([&](Connection& connection) -> Result<std::optional<tasks::DirectUpload>> {
    DECANT_TRY(const Rows rows, connection.query(sql::find_upload, id, user));
    if (rows.count() == 0) return std::nullopt;
    return read_direct_upload(rows[0]);
  });
}

Result<std::optional<tasks::Task>> DirectUploadStore::turn_into_task(const tasks::Task& task) {
  return pool_.run([&](Connection& connection) -> Result<std::optional<tasks::Task>> {
    DECANT_TRY(const Rows rows, connection.query(sql::turn_upload_into_task, task.id, task.user, task.name, task.target,
                                                 to_json(task.options), task.max_attempts, task.media, task.source.key,
                                                 task.source.size, task.source.sha256, task.source.mime_type,
                                                 task.source.extension, rings_, task.trace.text()));
    return first_task(rows);
  });
}

Result<void> DirectUploadStore::give_up(const tasks::TaskId& id) {
  return pool_.run([&](Connection& connection) -> Result<void> {
    DECANT_CHECK(connection.change(sql::give_up_upload, id));
    return {};
  });
}

}  // namespace decant::database::postgresql
