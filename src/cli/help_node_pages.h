// The pages about nodes; help.cc finds and prints them.
#pragma once
#include "cli/help_pages.h"

namespace rs {
inline constexpr HelpPage kNodeRunPage = {"node-run", "be a node of a cluster",
                                          R"(rainstorm node run [OPTIONS]

Runs until INT or TERM, which it leaves the cluster for; a second one ends it at once. HUP reads the configuration
again, says in the log what of it needs a restart, and opens the log file anew.

  --config F            read the settings of this file
  --dir D               the folder of the cluster: its key, its token, a folder for each node of this machine
  --name n1             the name for people, and of the node's folder
  --listen HOST:PORT    where other nodes reach it: 127.0.0.1:7001. Loopback alone: a wider one is refused
  --join A:1,B:2        nodes that know the cluster; asked for ever until one answers
  --api HOST:PORT       the public API over TCP too; always there is the Unix socket D/NAME/api.sock
  --json                say as one JSON object that it listens

All settings are options: rainstorm help node-config. Exit codes are those of sysexits: rainstorm help exit-codes.

  rainstorm node run --name n1 --listen 127.0.0.1:7001
  rainstorm node run --name n2 --listen 127.0.0.1:7002 --join 127.0.0.1:7001
)"};

inline constexpr HelpPage kNodeConfigPage = {
    "node-config", "the settings of a node",
    R"(A setting comes from an option, else from the environment, else from the file, else it has its default. The file is
--config F, else config.yaml in the node's folder. `rainstorm config show --origin` says where each is from.

  in the file    option           environment             default
  dir            --dir            RAINSTORM_CLUSTER       ~/.local/state/rainstorm-cluster
  name           --name           RAINSTORM_NODE          as listen
  listen         --listen         RAINSTORM_LISTEN        127.0.0.1:7001; port 0: any free one
  join           --join           RAINSTORM_JOIN          none: it waits to be found
  api            --api            RAINSTORM_API           none: the Unix socket alone
  cluster-name   --cluster-name   RAINSTORM_CLUSTER_NAME  rainstorm: no other is spoken to
  meta.host      --meta-host      RAINSTORM_META_HOST     the first of join, or itself: the node with the meta store
  files.copies   --files-copies   RAINSTORM_FILES_COPIES  3: replicas of each file; 1 only in a cluster made so
  protocol       --protocol       RAINSTORM_PROTOCOL      ping suspect, until it is switched; that is kept
  log.level      --log-level      RAINSTORM_LOG_LEVEL     info; also debug, warn, error
  log.size       --log-size       RAINSTORM_LOG_SIZE      16MiB: then a new file begins
  log.files      --log-files      RAINSTORM_LOG_FILES     4 old ones are kept

HUP takes a change of log.* at once; any other needs a restart, which the log and `rainstorm status` say.

  listen: 127.0.0.1:7002
  join: [127.0.0.1:7001, 127.0.0.1:7003]
  log:
    level: debug
    size: 64MiB
)"};

inline constexpr HelpPage kDevPage = {
    "dev", "a cluster on this machine, to try and to test",
    R"(rainstorm dev cluster N [--dir D] [--detach]    real nodes n1 ... nN on loopback
rainstorm dev kill NODE                         as a crash does
rainstorm dev pause NODE | resume NODE          as a machine that stands still
rainstorm dev start NODE                        one that was killed, or one more
rainstorm dev stop                              ends all of them

All nodes end on Ctrl-C, and with the process that started them, however that ends. With --detach the command returns
when all nodes see each other; dev stop, or the removal of D, ends them. D is also taken from RAINSTORM_CLUSTER, and has
a default.

  rainstorm dev cluster 3
  rainstorm dev cluster 10 --dir /tmp/ten --detach && rainstorm dev kill n3 --dir /tmp/ten
)"};
}  // namespace rs
