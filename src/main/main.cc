#include "cli/cli.h"
#include "io/real/failpoint.h"
#include "io/real/real.h"

int main(int argc, char** argv) {
  rs::io::prepare_process();
  rs::io::arm_failpoints();
  return rs::cli_main(argc, argv);
}
