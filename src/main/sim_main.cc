#include "sim/cli.h"

int main(int argc, char** argv) { return rs::sim::simulate(argc, argv); }
