// A node of the cluster that was named, and what it answers. Which one: --node, else RAINSTORM_NODE, else the first of
// the cluster's folder that answers.
#pragma once
#include <string>
#include <string_view>

#include "cli/client/backend.h"
#include "cli/client/options.h"
#include "cli/console.h"

namespace rs {
class ApiClient {
 public:
  enum class Whose {
    kAny,  // each node can say it
    kOne,  // it is about one node: which is to be said where there are several
  };

  ApiClient(const ClientCommand& command, const Console& console, const ClientBackend& backend)
      : command_(command), console_(console), backend_(backend) {}

  // Before all others. kUnreachable, kNoNode, kUsage: it does not say which node.
  Status choose(Whose whose);

  // The answer of a call that succeeded. kUnreachable, kTimedOut, or what the node itself says.
  StatusOr<std::string> ask(const std::string& method, const std::string& target, const std::string& body = "");
  // As ask(), of any call: its own time limit, and what else it carries. *status: of the answer.
  StatusOr<std::string> send(io::HttpCall call, int* status = nullptr);
  // An answer in pieces, and no end of it. Ok also when nobody reads our output any more. kTimedOut: the node fell
  // silent, which one that lives does not for long.
  Status stream(io::HttpCall call, const io::HttpReader& reader);

  void set_cancelled(std::function<bool()> cancelled) { cancelled_ = std::move(cancelled); }
  const std::string& node() const { return name_; }

 private:
  Status choose_named(const std::string& node, const std::vector<std::string>& names);
  Status choose_first(const std::vector<std::string>& names);
  Status use(const std::string& name);
  StatusOr<io::HttpAnswer> call(io::HttpCall call, const io::HttpReader& reader,
                                const std::function<bool()>& cancelled);
  Status told(const Status& status) const;

  const ClientCommand& command_;
  const Console& console_;
  const ClientBackend& backend_;
  std::function<bool()> cancelled_;
  ClusterFolder cluster_;
  std::string name_, token_;
  io::Endpoint endpoint_;
};
}  // namespace rs
