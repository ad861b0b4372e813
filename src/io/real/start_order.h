// What the parent sends the guardian for each child: one message of one byte that carries six descriptors; the
// words travel in a memory file, so their length is bounded by exec alone and the message is atomic: many
// threads send without a lock.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "io/real/descriptor.h"

namespace rs::io {
struct StartOrder {
  std::vector<std::string> argv;  // not empty; no word holds a NUL
  std::vector<std::string> env;   // added to the guardian's environment

  Descriptor in, out, err;  // become 0, 1 and 2 of the child
  Descriptor report;        // a pipe: kForked, then an ExecFailure if there is one; exec closes it
  Descriptor line;          // a socket between parent and guardian while the child lives, see guardian.h
};

constexpr char kForked = 'f';
struct ExecFailure {
  int error = 0;        // errno
  int file_exists = 0;  // the file was found: if ENOENT, its interpreter (#! line) is what is missing
};

Status send_order(int socket, const StartOrder& order);

enum class Received { kOrder, kNothing, kClosed };  // nothing: a message without its descriptors (we have too many)
Received receive_order(int socket, StartOrder* order);
}  // namespace rs::io
