// Which options go together (ux.md section 1, the table about --state). Pure: the same answer on every machine.
#pragma once
#include "node/run.h"

namespace rs {
// `stdin_is_file`: standard input is a regular file, which can be read again.
Status check_run(const RunOptions& options, bool stdin_is_file);
}  // namespace rs
