#pragma once

#include <string_view>

#define DECANT_DIRECT_UPLOAD_COLUMNS " id, user_id, name, target, options, key, size, sha256 "

namespace decant::database::sqlite::sql {

inline constexpr std::string_view count_uploads = "SELECT count(*) FROM direct_uploads WHERE user_id = ?1";

// ?9 how long the link holds, ?10 the grace, in milliseconds.
inline constexpr std::string_view insert_upload = R"sql(
  INSERT INTO direct_uploads (id, user_id, created, name, target, options, key, size, sha256, link_until, open_until)
  VALUES (?1, ?2, now_ms(), ?3, ?4, ?5, ?6, ?7, ?8, now_ms() + ?9, now_ms() + ?9 + ?10))sql";

inline constexpr std::string_view find_upload =
    "SELECT" DECANT_DIRECT_UPLOAD_COLUMNS "FROM direct_uploads WHERE id = ?1 AND user_id = ?2";

inline constexpr std::string_view delete_upload = "DELETE FROM direct_uploads WHERE id = ?1 AND user_id = ?2";

inline constexpr std::string_view give_up_upload =
    "UPDATE direct_uploads SET open_until = min(open_until, link_until) WHERE id = ?1";

inline constexpr std::string_view delete_expired_uploads = R"sql(
  DELETE FROM direct_uploads
  WHERE id IN (SELECT id FROM direct_uploads WHERE open_until <= now_ms() ORDER BY open_until LIMIT ?1)
  RETURNING key)sql";

}  // namespace decant::database::sqlite::sql
