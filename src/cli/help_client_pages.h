// The pages of the commands that speak to a node; help.cc finds and prints them.
#pragma once
#include "cli/help_pages.h"

namespace rs {
inline constexpr HelpPage kNodePage = {
    "node", "the nodes of a cluster: list, watch, join, leave",
    R"(rainstorm node ls                  all nodes: id, state, generation, last update
rainstorm node ls --ring           by their places on the ring, which decide where files are
rainstorm node self                one node: its id is address, port and generation
rainstorm node join [HOST:PORT ..] enter the cluster again, with a new id; without seeds through the configured ones
rainstorm node leave               leave it: the others see "left", and no failure; the process goes on
rainstorm node suspects [--all]    who is suspected now; --all: each suspicion since the start
rainstorm node protocol            the pair <protocol, suspicion>
rainstorm node protocol gossip|ping suspect|nosuspect    switch the whole cluster; restarts keep it
rainstorm node drop [P] [--all]    throw away a part of what is received: 0.3 or 30%; --all: on every node
rainstorm node watch               each join, leave, suspicion, refutation, failure, switch, drop as it happens
rainstorm node run                 be a node (rainstorm help node-run)

  --cluster D           the folder of the cluster (RAINSTORM_CLUSTER; ~/.local/state/rainstorm-cluster)
  --node n4             the node that is asked (RAINSTORM_NODE), or HOST:PORT of its API; else the first that answers.
                        What is about one node (join, leave, drop, logs, config) needs it where there are several
  --json                one object, or one object a line

What a node says of others is what it believes: it may be late.

  rainstorm node ls --cluster /tmp/ten
  rainstorm node protocol ping suspect
)"};

inline constexpr HelpPage kStatusPage = {"status", "what a node thinks of itself and its cluster",
                                         R"(rainstorm status [--node n4] [--cluster D] [--json]
)"};

inline constexpr HelpPage kConfigPage = {"config", "the configuration of a running node",
                                         R"(rainstorm config show [--origin] [--node n4] [--cluster D] [--json]

With --origin also where each value is from: an option, the environment, a file and its line, or the default.
The settings: rainstorm help node-config.
)"};

inline constexpr HelpPage kLogsPage = {"logs", "the log of a node",
                                       R"(rainstorm logs [-f] [--lines N] [--node n4] [--cluster D] [--json]

  -f, --follow          go on with each line as it is written
  -n, --lines N         of what is there the newest N (10)
)"};

inline constexpr HelpPage kGrepPage = {"grep", "the program grep over the logs of all nodes",
                                       R"(rainstorm grep [OPTIONS OF GREP] PATTERN [--files GLOB] [--nodes a,b]

grep itself runs on each node, with the options as they are, and lines are printed while it runs: NODE:FILE:LINE, with
-c NODE:FILE:COUNT. How many lines each node has, and why one did not answer, goes to standard error.

  --files GLOB          these files below the log root of each node, instead of all logs
  --nodes a,b           print the lines of these nodes
  --cluster D --node n4 the cluster, and the node that asks the others
  --json                one JSON object for each line, each node, and the end

The exit code is grep's: 0 found, 1 nothing found, 2 error; 11: a node did not answer, so lines may be missing.

  rainstorm grep -i 'suspect n[0-9]*'
  rainstorm grep -c -E ' (fail|leave) ' --nodes n1,n2
)"};

inline constexpr HelpPage kFsPage = {"fs", "files of the cluster: put, get, append, list, check",
                                     R"(rainstorm fs ls [PREFIX]            all files, or those whose names begin so
rainstorm fs ls NAME                one file, and the nodes that actually store it now; fs stat NAME ... too
rainstorm fs ls --node n3           what that node stores
rainstorm fs put LOCAL NAME         make a file; only the first one of a name succeeds. - is standard input
rainstorm fs append NAME LOCAL ...  at the end of a file that exists, all of each local file or nothing of it
rainstorm fs get NAME [LOCAL]       into a local file, which appears when it is whole; - is standard output
rainstorm fs cat NAME ...           to standard output
rainstorm fs tail [-f] [-n N] NAME  the last 10 lines; -f: and what is appended from then on
rainstorm fs rm NAME ...            remove files
rainstorm fs merge NAME ...         make all replicas identical; returns when they are
rainstorm fs du [PREFIX]            how much each node stores
rainstorm fs check [PREFIX]         compare all replicas byte by byte; exit code 9: some differ

  --via n1,n2           append: the local files are sent at once, each through the next of these nodes
  --replica n3          get, cat: the raw bytes of that node's replica
  --cluster D --node n4 the cluster, and the node that is asked
  --json                one object a file; of get - and cat on standard error
  -q, --quiet           nothing but what was asked for

Names are flat; slashes are allowed. A transfer of any size needs little memory, and Ctrl-C takes back what it began.
The exit code 11 says that a list is partial: who did not answer stands on standard error.

  zcat access.log.gz | rainstorm fs put - logs/access.log
  rainstorm fs get logs/access.log - | grep ' 500 '
  rainstorm fs append --via n1,n2 logs/access.log monday.log tuesday.log
)"};

inline constexpr HelpPage kShellPage = {"shell", "the classic commands under their names",
                                        R"(rainstorm shell [-c 'COMMAND'] [--node n4] [--cluster D]

  list_mem                              node ls: all nodes, their id, state, generation, last update
  list_self                             node self: the node that is asked
  join [HOST:PORT ...], leave           node join, node leave
  display_suspects [--all]              node suspects: now, or each since the start
  switch gossip|ping suspect|nosuspect  node protocol: of the whole cluster
  display_protocol                      node protocol
  drop P [--all]                        node drop: what this node, or each, throws away: 0.3 or 30%
  grep [OPTIONS] PATTERN                grep: the logs of all nodes
  list_mem_ids                          node ls --ring: by ring id
  create LOCAL FILE                     fs put: prints where the replicas are
  get FILE LOCAL                        fs get
  append LOCAL FILE                     fs append FILE LOCAL
  merge FILE, delete FILE, stat FILE    fs merge, fs rm, fs stat
  ls FILE                               fs ls FILE: who actually stores it now
  list, liststore (store)               fs ls: all files; those that the node stores
  cat FILE, tail [-f] FILE              fs cat, fs tail
  getfromreplica NODE FILE LOCAL        fs get --replica NODE FILE LOCAL
  multiappend FILE NODE... LOCAL...     fs append --via: at once; also as pairs NODE LOCAL NODE LOCAL ...
  help, exit

The other commands work too: node watch, status, logs -f, config show. --node n4 behind a command picks the node that
is asked. Words are quoted as in a POSIX shell. With -c, or with a pipe for input, there is no prompt; the exit code is
that of the last command.

  rainstorm shell -c 'switch gossip nosuspect'
)"};
}  // namespace rs
