// An output that is read as an input would feed on itself, or destroy what it is made of.
#pragma once
#include <string>
#include <vector>

#include "base/status.h"
#include "control/inputs.h"

namespace rs {
// OK, or kOutputIsInput: `path` is one of the inputs (whatever it is called), lies in the folder that is read, or
// would match a pattern of the source at the next start. `inputs` are those of expand_inputs; relative paths start
// at `working_directory`, which is where `files` starts them too.
Status check_output(const std::string& path, const SourceSpec& source, const std::vector<InputPath>& inputs,
                    const std::string& working_directory, io::Directory& files);
}  // namespace rs
