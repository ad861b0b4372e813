// How results and errors look, for people and as JSON (ux.md sections 4 and 5). All answers end with a newline.
#pragma once
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/json.h"
#include "node/run.h"
#include "node/state.h"

namespace rs {
// error[RS3107]: what happened
//    where    and what more is known, aligned; further lines of a detail stand below its first
//    next     what to do
std::string error_text(const Status& status, bool colour);
std::string error_json(const Status& status);  // {"error":{"code","message","hint","details"}}
std::string error_code(int number);            // "RS3107"

std::string end_line(const RunOptions& options, const RunReport& report);
std::string end_json(const RunOptions& options, const RunReport& report);

std::string plan_text(const Plan& plan);  // a picture: a box for each group of tasks
std::string plan_json(const Plan& plan);

std::string states_table(const std::vector<StateInfo>& states);
std::string state_text(const StateInfo& state);
std::string state_json(const StateInfo& state);

// Paragraphs broken at spaces.
std::string wrapped(std::string_view text, size_t columns);
}  // namespace rs
