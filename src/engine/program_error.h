// What a person is told of a program that ended badly (ux.md section 5).
#pragma once
#include <string>

#include "engine/graph.h"
#include "io/child.h"

namespace rs {
std::string left_unread(const ProgramSpec& program);  // a note, of one that ended well
bool ended_well(const ProgramSpec& program, const io::ChildExit& exit);
Status program_failed(const ProgramSpec& program, io::Child& child, const std::string& where);
Status program_not_started(const ProgramSpec& program, const Status& why);
}  // namespace rs
