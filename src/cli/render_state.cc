#include <algorithm>

#include "cli/format.h"
#include "cli/render.h"
#include "cli/table.h"

namespace rs {
namespace {
std::string status_text(const StateInfo& state) {
  return state.pid > 0 ? state.status + " (pid " + std::to_string(state.pid) + ")" : state.status;
}
}  // namespace

std::string states_table(const std::vector<StateInfo>& states) {
  if (states.empty()) return "no states; rainstorm run --state NAME '...' makes one\n";
  Table rows = {{"NAME", "STATUS", "EPOCH", "SIZE", "JOB"}};
  for (const StateInfo& state : states)
    rows.push_back({state.name, status_text(state), grouped(state.epoch), bytes_text(static_cast<double>(state.bytes)),
                    state.line});
  return aligned(rows);
}

std::string state_text(const StateInfo& state) {
  std::string text = aligned({{"name", state.name},
                              {"status", status_text(state)},
                              {"epoch", grouped(state.epoch)},
                              {"size", bytes_text(static_cast<double>(state.bytes))},
                              {"folder", state.folder},
                              {"job", state.line}});
  return text + "\n" + state.identity;
}

std::string state_json(const StateInfo& state) {
  JsonObject object;
  object.text("name", state.name)
      .text("status", state.status)
      .number("epoch", state.epoch)
      .number("bytes", state.bytes);
  object.number("pid", static_cast<uint64_t>(std::max<int64_t>(state.pid, 0))).text("folder", state.folder);
  object.text("job", state.line).text("identity", state.identity);
  return object.str() + "\n";
}
}  // namespace rs
