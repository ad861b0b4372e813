# How everything is compiled. One flavour for each preset; SIMD is chosen at run time, so there is no -march.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(RS_SANITIZE "" CACHE STRING "address | thread | fuzzer | empty")

find_program(CCACHE ccache)
if(CCACHE)
  # Paths below the checkout count as relative, so another checkout finds what this one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(GTest REQUIRED)
find_package(Protobuf REQUIRED)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND RS_SANITIZE STREQUAL "")
  include(cmake/static.cmake)
endif()

add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers -fno-omit-frame-pointer
                    -fstack-protector-strong -fcf-protection)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-O2)
  add_compile_definitions(_FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  set(CMAKE_CXX_FLAGS_RELEASE "")
endif()
add_link_options(-pie -Wl,-z,relro,-z,now,--as-needed)
include(CheckPIESupported)
check_pie_supported()

if(RS_SANITIZE STREQUAL "address")
  # g++ 12 sees uninitialized values in its own library when it is instrumented.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=address,undefined)
elseif(RS_SANITIZE STREQUAL "thread")
  # Asio's fences are invisible to the sanitizer; what it hands from thread to thread goes through mutexes too.
  add_compile_options(-fsanitize=thread -Wno-maybe-uninitialized -Wno-tsan)
  add_link_options(-fsanitize=thread)
elseif(RS_SANITIZE STREQUAL "fuzzer")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
