#include "sim/files/workload.h"

namespace rs::sim {
namespace {
const WeatherTable& table() {
  static const WeatherTable kTable = {
      {
          {"nodes", {3, 6}},
          {"copies", {3, 3}},
          {"files", {1, 4}},
          {"clients", {1, 4}},
          {"window", {1, 16}},        // appends of a client under way
          {"most_bytes", {1, 2000}},  // of an append
          {"pause_ms", {1, 40}},      // between two operations of a client, at most
          {"weather_s", {5, 15}},
          {"hint_ms", {100, 2500}},  // until the others hear who lives, at most
          {"breaks", {0, 3}},        // of 1,000 pieces of a stream
          {"delay_us", {100, 3000}},
          {"meta_lost", {0, 5}},  // percent of questions to the meta store, and of answers, that
                                  // are lost
          {"meta_late", {0, 5}},  // percent that arrive long after their time
          {"read", {5, 30}},      // percent of the operations
          {"remove", {0, 2}},
          {"segment_kb", {16, 256}},
      },
      {"crash", "crash_at", "crash_all", "power_loss", "pause", "split", "one_way", "cut_meta", "meta_down", "new_disk",
       "flip", "sync_error", "slow_disk", "rumour", "join", "compact", "learner_disk"}};
  return kTable;
}
}  // namespace

StatusOr<FilesWorkload> parse_files_workload(const std::string& name, std::string_view text) {
  return parse_weather(&table(), name, text);
}
}  // namespace rs::sim
