// Numbers for people. Bytes and rates are decimal (MB = 1,000,000), three digits where they matter.
#pragma once
#include <cstdint>
#include <string>

namespace rs {
std::string grouped(uint64_t number);       // 12,345,678
std::string bytes_text(double bytes);       // "999 B", "1.23 MB", "45.6 GB"
std::string count_text(double number);      // "999", "1.23 k", "45.6 M"
std::string duration_text(double seconds);  // "12 ms", "2.31 s", "3 min 07 s", "2 h 05 min"
std::string count_of(uint64_t number, const char* one, const char* many);  // "1 file", "2 files"
}  // namespace rs
