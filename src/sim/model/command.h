// `rainstorm_sim model`: the rules of HyDFS, checked over the code that holds them.
#pragma once

namespace rs::sim::model {
int check_model(int argc, char** argv);
}
