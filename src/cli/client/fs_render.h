// What the file system answers, for people. What goes in is the API's JSON.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rs {
std::string file_text(std::string_view json);                   // all of it, and who stores it
std::string files_table(const std::vector<std::string>& rows);  // a list
std::string store_table(const std::vector<std::string>& rows);  // of one node: with its ring id
std::string usage_table(const std::vector<std::string>& rows);
std::string ring_table(std::string_view json);     // of /api/v1/ring
std::string problem_line(std::string_view row);    // "a.txt: 2 of 3 replicas (n2)"
std::string replica_nodes(std::string_view json);  // "n1, n2, n3"
}  // namespace rs
