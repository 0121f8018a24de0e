# What every target of the house is made with.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
# CMake 3.25 is older than Boost 1.81 and would warn of each of its libraries.
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(GTest REQUIRED)
find_package(prometheus-cpp REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(POSTGRESQL REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(NATS REQUIRED IMPORTED_TARGET libnats)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(PUGIXML REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(LIBAV REQUIRED IMPORTED_TARGET libavformat libavcodec libswresample libavutil)

add_library(decant_flags INTERFACE)
target_compile_options(decant_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough
  -Wno-c23-extensions -Wno-missing-field-initializers -Wno-missing-designated-field-initializers -Wno-gnu-statement-expression
  # Without it ccache takes no unit that uses a precompiled header.
  "SHELL:-Xclang -fno-pch-timestamp"
  -fstack-protector-strong -ftrivial-auto-var-init=zero)
target_compile_definitions(decant_flags INTERFACE
  $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2> _GLIBCXX_ASSERTIONS
  # One io_context a thread, no executor type erasure surprises; Beast and Asio header-only.
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_options(decant_flags INTERFACE -fuse-ld=lld -Wl,-z,relro,-z,now)
if(DECANT_SANITIZE)
  target_compile_options(decant_flags INTERFACE -fsanitize=${DECANT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_compile_definitions(decant_flags INTERFACE DECANT_SANITIZED=1)
  target_link_options(decant_flags INTERFACE -fsanitize=${DECANT_SANITIZE})
endif()

# decant_library(<folder> SOURCES … LINKS …): the static library decant_<folder> of src/<folder>. LINKS are all that it may use: its
# neighbours by the dependency rule (src/README.md; tests/layering holds it) and its own third-party libraries.
function(decant_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(decant_${folder} STATIC ${ARG_SOURCES})
  target_include_directories(decant_${folder} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(decant_${folder} PUBLIC decant_flags ${ARG_LINKS})
  target_precompile_headers(decant_${folder} PRIVATE
    <algorithm> <array> <chrono> <cstdint> <filesystem> <functional> <memory> <optional> <span> <string> <string_view> <vector> <fmt/format.h>)
endfunction()

# decant_tests(<name> SOURCES … LINKS … [AS_ONE]): a GoogleTest program whose tests ctest lists one by one, or runs as one because they
# share what is dear to start.
function(decant_tests name)
  cmake_parse_arguments(ARG "AS_ONE" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE decant_flags ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} PRIVATE <gtest/gtest.h> <gmock/gmock.h> <string> <vector>)
  if(ARG_AS_ONE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT "DECANT_SOURCE=${PROJECT_SOURCE_DIR}")
    return()
  endif()
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120
    ENVIRONMENT "DECANT_SOURCE=${PROJECT_SOURCE_DIR}")  # one only: a list would lose its semicolons on the way
endfunction()
include(GoogleTest)

# What tests/servers/ceph-gateway tells of itself.
set(DECANT_S3_GATEWAY "${CMAKE_BINARY_DIR}/ceph-gateway.json")

# Debian's own Python: the one whose pytest, requests and numpy script/bootstrap installs.
set(DECANT_PYTHON /usr/bin/python3 CACHE FILEPATH "Python for the tests")

# decant_pytest(<name> <file…> [TIMEOUT seconds] [LABELS …] [UNDER program]): files of pytest in this folder as one test of ctest, run by
# that program where one is named. They find the programs by DECANT_BIN and the source by DECANT_SOURCE.
function(decant_pytest name)
  cmake_parse_arguments(ARG "" "TIMEOUT;UNDER" "LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMAND ${ARG_UNDER} ${DECANT_PYTHON} -B -m pytest -q -rs -p no:cacheprovider ${ARG_UNPARSED_ARGUMENTS})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "DECANT_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};DECANT_SOURCE=${PROJECT_SOURCE_DIR};DECANT_S3_GATEWAY=${DECANT_S3_GATEWAY}")
endfunction()

# decant_npm_packages(<what they are>): this folder's package.json, installed by its lock into node_modules of its build folder. Whoever uses
# them depends on the file ${npm_installed}. No package's install script runs.
find_program(NPM npm REQUIRED)
find_program(NODE node REQUIRED)
function(decant_npm_packages what)
  set(installed "${CMAKE_CURRENT_BINARY_DIR}/node_modules/.installed")
  add_custom_command(
    OUTPUT "${installed}"
    COMMAND ${CMAKE_COMMAND} -E copy package.json package-lock.json "${CMAKE_CURRENT_BINARY_DIR}"
    COMMAND ${NPM} ci --prefix "${CMAKE_CURRENT_BINARY_DIR}" --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch "${installed}"
    DEPENDS package.json package-lock.json
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "Installing ${what}" VERBATIM)
  set(npm_installed "${installed}" PARENT_SCOPE)
endfunction()
