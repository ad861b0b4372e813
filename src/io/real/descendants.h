// The end of everything that descends from this process. It must be the subreaper of them.
#pragma once

namespace rs::io {
// Kills and reaps until no child is left. Who left its process group or session is found too: when its parent
// dies it becomes our child.
void kill_descendants();
}  // namespace rs::io
