// The texts alone; help.cc finds and prints them.
#pragma once
#include <string_view>

namespace rs {
struct HelpPage {
  std::string_view topic;
  std::string_view summary;  // one line in the overview
  std::string_view text;
};

inline constexpr std::string_view kShortHelp =
    R"(rainstorm: Unix pipes, parallel, and exactly once whatever crashes.

  rainstorm run 'file:wiki.txt | grep -i science | replace the THE > file:out.txt'
  rainstorm run --state wc 'file:wiki.txt | words | count > file:counts.tsv'      # kill it, run it again: it goes on

Commands: run, state, node, dev, fs, status, config, logs, grep, shell, explain, help, version.   More: rainstorm help
)";

inline constexpr HelpPage kRunPage = {"run", "run a job in this process",
                                      R"(rainstorm run [OPTIONS] 'SOURCE | STAGE | ... > SINK'

Without --state a job is all or nothing: the output file appears when all is done. With --state it is exactly once:
after kill -9 or a power loss the same command goes on where it was.

  --state X             keep a state: X with a / is a folder, else a name (see: rainstorm help state)
  --fresh               discard that state and the output it wrote, and begin anew
  --overwrite           let the first start of a state replace an existing output
  -n, --plan            draw the plan; do nothing
  --rate N/s            at most N tuples a second: 10/s, 100k/s, 1M/s
  --emit changes        of keyed results one line for each change, not the final values alone
  --stdin=resend        standard input brings the same bytes again at each start of the state
  --no-chain            make every stage a task of its own
  --at-least-once       repeats are possible after a crash, loss is not
  --on-error fail       a failing tuple fails the job (the default, and the only choice yet)
  --grace TIME          from Ctrl-C until the job is left as it is: 10s
  --memory SIZE         reserved for a bound of the buffers; read, and without effect yet: 4GiB
  -q, --quiet           errors only
  --json                the end of the run, and errors, as one JSON object

  rainstorm run 'file:logs/*.log | 4x grep " 500 " | by 7 | count > file:errors.tsv'
  rainstorm run --rate 100k/s --state wc 'file:wiki.txt | words | count > file:counts.tsv'
)"};

inline constexpr HelpPage kPipelinePage = {"pipeline", "how a job is written",
                                           R"(SOURCE | STAGE | ... > SINK

  source   file:PATH    a file or a pattern (* ? [..]); several are read in turn: file:a.txt file:b.txt
           dir:PATH     the files of a folder, without sub-folders and dot files
           tail:FILE    a file that grows
           stdin:       the default; - is the same
  stage    a verb (rainstorm help verbs) or any program with its arguments
           4x STAGE     as four tasks
           exec NAME    the program NAME, where a verb has the same name
  sink     file:PATH, or stdout: (the default; - is the same)

Words are quoted as in a shell: 'literal', "literal but for \" \\ \$ \`", and a backslash before one character. No
shell is started: outside quotes $ ~ ; & < >> ( ) and the backtick are refused.

Without `by` and `words` the order of the input is kept, byte for byte as `cat FILES | ...` would, but that each file
ends its last line. A line has at most 1 MiB: a longer one fails the job, and is never cut. A program is one
process for the whole stream, as in a pipe; with --state or 4x it runs batch by batch and must treat each line by
itself.

  rainstorm run 'file:wiki.txt | ./tokenize.py | sort | uniq -c > file:freq.txt'
  zcat access.log.gz | rainstorm run 'words | count | top 20'
)"};

inline constexpr HelpPage kVerbsPage = {"verbs", "the built-in stages",
                                        R"(  identity              what comes in goes out
  grep [OPTIONS] RE     as LC_ALL=C grep -a: -i -v -F -E -w -x -e
  replace A B           each A by B, literally;  replace -E RE B: as LC_ALL=C sed -E s///g
  cut OPTIONS           as LC_ALL=C cut
  transform csv:1,3     these columns of CSV, quoted where needed; a missing one is empty
  words                 each word becomes a line, and its key
  by F                  the key: 3 is awk's field 3; csv:4, tsv:2
  count                 lines for each key
  sum|min|max [F]       of the number in field F (as for `by`), or of the whole line
  top N                 the N lines with the greatest number behind their last tab, greatest first
  sort                  the program, until there is a verb

Without `by` or `words` before it, the whole line is the key of count, sum, min and max. One total of all lines is
the sum of a key that all share: a field that no line has is empty everywhere. A header is filtered out first.

  rainstorm run 'file:sales.csv | grep -v ^date, | by csv:999 | sum csv:5'       # <tab>TOTAL

Results by key are lines KEY<tab>VALUE. Other options of grep, cut and sort run the real program, and the plan
says so (rainstorm run -n). Reserved: avg distinct lines csv json tee window join lookup sql.

  rainstorm run 'file:sales.csv | grep -v ^date, | by csv:2 | sum csv:5 | top 10'
)"};

inline constexpr HelpPage kStatePage = {"state", "list, show, remove the states of jobs",
                                        R"(rainstorm state ls           the states with a name
rainstorm state show NAME    one of them (or a folder), with the job it belongs to
rainstorm state rm NAME      remove it; what the job wrote stays

A state is made by rainstorm run --state NAME. It remembers what is committed, so that the same command goes on
after any crash, and says so when the job is finished. It belongs to one job: other sources, stages or sink are
refused with what differs. States with a name are kept in $XDG_STATE_HOME/rainstorm (~/.local/state/rainstorm);
a name with a / is a folder of your own.

While such a job runs, an output of lines (and one of --emit changes) grows under its final name, by what is
committed: what stands there is right, and never taken back. Final values of count, sum, min, max and top appear at
the end, all at once. Without --state every output file does.

  rainstorm run --state wc 'file:wiki.txt | words | count > file:counts.tsv'
  rainstorm state show wc
)"};

inline constexpr HelpPage kExplainPage = {"explain", "what an error code means, and what to do",
                                          R"(rainstorm explain CODE

  rainstorm explain RS1012

All codes: rainstorm help errors
)"};

inline constexpr HelpPage kVersionPage = {"version", "the version of this program", "rainstorm version [--json]\n"};
}  // namespace rs
