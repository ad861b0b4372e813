// What the API asks of logs: those of all nodes by a query, and this node's own as it grows.
#pragma once
#include <string>

#include "io/file.h"
#include "node/member_host.h"
#include "node/node_service.h"
#include "node/query/desk.h"

namespace rs {
class LogDesk final : public LogService {
 public:
  LogDesk(QueryDesk& queries, MemberHost& members, std::string log, io::Directory* directory)  // borrowed
      : queries_(queries), members_(members), log_(std::move(log)), directory_(directory) {}

  StatusOr<std::unique_ptr<GrepStream>> grep(const GrepRequest& request) override;
  StatusOr<std::unique_ptr<LogStream>> logs(const LogRequest& request) override;

 private:
  QueryDesk& queries_;
  MemberHost& members_;
  const std::string log_;
  io::Directory* const directory_;
};
}  // namespace rs
