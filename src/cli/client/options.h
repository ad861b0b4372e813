// The words of the commands that speak to a node, as a person types them after `rainstorm` or in its shell.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace rs {
struct ClientCommand {
  enum class Kind {
    kNodes,
    kSelf,
    kJoin,
    kLeave,
    kSuspects,
    kProtocol,
    kDrop,
    kWatch,
    kStatus,
    kConfig,
    kLogs,
    kGrep,
    kShell,
    kFiles,
    kPut,
    kGet,
    kCat,
    kTail,
    kAppend,
    kRemove,
    kStat,
    kMerge,
    kUsage,
    kCheck,
  };
  Kind kind = Kind::kNodes;
  std::vector<std::string> words;  // behind the command; kGrep: the arguments of grep, options among them
  std::string cluster, node;       // --cluster, --node; empty: not given
  bool json = false, quiet = false;
  bool all = false;                   // kSuspects, kDrop
  bool follow = false;                // kLogs, kTail
  bool origin = false;                // kConfig
  std::string lines;                  // kLogs, kTail; empty: as many as the node thinks
  bool ring = false;                  // kNodes: with their places on the ring
  bool store = false;                 // kFiles: those that one node stores
  std::string replica;                // kGet, kCat: the node whose replica is read
  std::vector<std::string> via;       // kAppend: the nodes that take the files, in turn
  std::string files;                  // kGrep
  std::vector<std::string> nodes;     // kGrep
  std::optional<std::string> script;  // kShell: -c
};

// Whether these arguments of the program are such a command. A word that names a command is it, before any other word;
// --help belongs to nobody here.
bool is_client_command(const std::vector<std::string>& arguments);

// kUsage. On an error *to still says how it is to be told.
Status parse_client_command(const std::vector<std::string>& arguments, ClientCommand* to);

// The classic names of the shell as what they stand for: {"list_mem"} is {"node", "ls"}.
std::vector<std::string> modern_words(const std::vector<std::string>& words);
// Of `multiappend FILE NODE LOCAL ...`, all nodes and then all files, or pairs of both, whose words behind the name
// these are. kUsage. `is_node`: whether a node has such a name.
StatusOr<std::vector<std::string>> modern_multiappend(const std::vector<std::string>& words,
                                                      const std::function<bool(const std::string&)>& is_node);
std::vector<std::string_view> classic_names();
// What a classic name, or an action without its command, is short for: "rainstorm node watch"; empty: nothing.
std::string whole_command(const std::string& word);
}  // namespace rs
