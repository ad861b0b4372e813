// Which file is a state's own: before an output is removed it must be known that the state wrote it.
#pragma once
#include "base/status.h"
#include "io/file.h"
#include "node/state_folder.h"

namespace rs {
// What is appended to is noted before the first byte (docs/formats/state.md).
Status note_output(const JobRecord& record, StateFolder* state, io::Directory* directory);

// Is what stands at the output the file that the state wrote? False if it can't be shown: who asks would remove it.
bool wrote_output(const JobRecord& record, StateFolder* state, io::Directory* directory);

// Final values that have not got their name. If it can't be, that holds up nobody.
void remove_kept_result(const JobRecord& record, io::Directory* directory);
}  // namespace rs
