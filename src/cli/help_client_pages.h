// The pages of the commands that speak to a node; help.cc finds and prints them.
#pragma once
#include "cli/help_pages.h"

namespace rs {
inline constexpr HelpPage kNodePage = {
    "node", "the nodes of a cluster: list, watch, join, leave",
    R"(rainstorm node ls                  all nodes: id, state, generation, last update
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
  help, exit

The other commands work too: node watch, status, logs -f, config show. --node n4 behind a command picks the node that
is asked. Words are quoted as in a POSIX shell. With -c, or with a pipe for input, there is no prompt; the exit code is
that of the last command.

  rainstorm shell -c 'switch gossip nosuspect'
)"};
}  // namespace rs
