# Writes OUTPUT from TEMPLATE with the files of the folder SITE. The ETags in it change with the files, so that compilers' caches see
# a change of embedded bytes, too.
foreach(file index.html page.js wavesurfer.js page.css favicon.svg)
  string(MAKE_C_IDENTIFIER "${file}" name)
  file(SHA256 "${SITE}/${file}" hash)
  string(SUBSTRING "${hash}" 0 32 ${name}_etag)
endforeach()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
