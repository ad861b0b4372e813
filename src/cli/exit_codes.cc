#include "cli/exit_codes.h"

namespace rs {
namespace {
constexpr ExitRow kRows[] = {
    {Exit::kOk, "done"},
    {Exit::kFailure, "failure: the system, a disk, or a defect"},
    {Exit::kUsage, "wrong use: an option, an argument, or the job as written"},
    {Exit::kJobFailed, "the job failed: a program, a tuple, or no space for its results"},
    {Exit::kNotFound, "not found: an input, a state, a page"},
    {Exit::kConflict, "conflict: an output that exists, a state in use or of another job"},
    {Exit::kDenied, "denied by the system or by a policy"},
    {Exit::kUnreachable, "the cluster can't be reached"},
    {Exit::kTimedOut, "timed out"},
    {Exit::kCheckFailed, "a check or a test failed"},
    {Exit::kQuarantined, "finished, with quarantined tuples"},
    {Exit::kPartial, "a partial answer: not every node replied"},
    {Exit::kDaemonData, "node run: its identity is damaged"},
    {Exit::kDaemonUnavailable, "node run: it can't listen at its address"},
    {Exit::kDaemonFolder, "node run: its folder can't be used"},
    {Exit::kDaemonBusy, "node run: another node works in its folder"},
    {Exit::kDaemonDenied, "node run: a secret of the cluster is open to others"},
    {Exit::kDaemonConfig, "node run: bad configuration"},
    {Exit::kInterrupted, "stopped by Ctrl-C (other signals: 128 and their number)"},
    {Exit::kReaderGone, "who read standard output left before the end, as with other filters"},
};
}  // namespace

std::span<const ExitRow> exit_table() { return kRows; }
}  // namespace rs
