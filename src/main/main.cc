#include "cli/cli.h"
#include "io/real/real.h"

int main(int argc, char** argv) {
  rs::io::prepare_process();
  return rs::cli_main(argc, argv);
}
