// Clients of the simulated file system. Each lives on one node, and dies with it: what it had under way may have
// happened or not. Everything goes into the history.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/files/file_cluster.h"
#include "sim/files/file_history.h"
#include "sim/files/workload.h"

namespace rs::sim {
struct ClientHabits {
  size_t clients = 1, files = 1, window = 1, most_bytes = 1;
  uint64_t read = 0, remove = 0;  // percent of the operations
  int64_t pause_ns = 1;
};

class FileClients {
 public:
  FileClients(FileCluster* cluster, FileHistory* history, const ClientHabits& habits);
  void begin();
  void stop() { stopped_ = true; }
  bool idle() const;
  void died(size_t node);  // with all of its clients
  const std::map<std::string, uint64_t>& counts() const { return counts_; }
  std::string name_of(size_t file) const;

  // Reads the whole file as a fresh client would. `done` gets its id and content; none: there is no such file.
  using Content = std::function<void(std::optional<std::pair<Uuid, std::string>>)>;
  void read_whole(size_t node, const std::string& name, Content done);

 private:
  struct Session {  // of one client with one file
    Uuid file, writer;
    uint64_t sequence = 0;
  };
  struct Client {
    size_t node = 0;
    uint64_t life = 0;  // answers to an earlier one are for nobody
    size_t open = 0;
    std::map<size_t, Session> sessions;  // by number of the file
  };
  void next(size_t client);
  void act(size_t client);
  void look(size_t client, size_t file, std::function<void(const hydfs::Reply&)> found);
  void create(size_t client, size_t file);
  void open(size_t client, size_t file, const Uuid& id);
  void append(size_t client, size_t file);
  void read(size_t client, size_t file);
  void remove(size_t client, size_t file);
  using Done = std::function<void(StatusOr<hydfs::Reply>)>;
  void ask(size_t client, hydfs::GroupId group, std::variant<hydfs::SubmitAsk, hydfs::LookAsk, hydfs::BytesAsk> body,
           Done done);
  void pieces(size_t node, hydfs::GroupId group, const Uuid& file, const std::shared_ptr<std::string>& content,
              Content done);

  FileCluster& cluster_;
  FileHistory& history_;
  const ClientHabits habits_;
  io::SimRandom random_;
  std::vector<Client> clients_;
  std::map<std::string, uint64_t> counts_;
  bool stopped_ = false;
};
}  // namespace rs::sim
