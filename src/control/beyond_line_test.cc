#include "control/beyond_line.h"

#include <gtest/gtest.h>

#include "control/words.h"

namespace rs {
namespace {
bool looks(std::string_view line) {
  std::vector<std::string> argv;
  const StatusOr<std::vector<Token>> tokens = split_words(line);
  for (const Token& token : *tokens) argv.push_back(token.text);
  return looks_beyond_a_line(argv);
}

TEST(BeyondLine, ProgramsThatAreKnown) {
  for (const char* line :
       {"sort", "/usr/bin/sort -u", "uniq -c", "wc -l", "head -5", "tail -1", "tac", "nl", "paste - -"})
    EXPECT_TRUE(looks(line)) << line;
  for (const char* line : {"cat", "tr a b", "cut -f1", "rev", "./sort.py", "jq .a", "sorted", "grep x"})
    EXPECT_FALSE(looks(line)) << line;
}

TEST(BeyondLine, AwkIsReadWordByWord) {
  for (const char* line :
       {"awk 'END { print n }'", "awk '{ n += $1 } END{print n}'", "awk '{print NR}'", "awk 'NR==1'",
        "awk 'NR>1{print}'", "awk '{print $1,FNR}'", "gawk -F, 'BEGIN {print \"name\"} {print $1}'",
        "mawk 'BEGIN{printf \"x\"}'", "awk '!seen[$0]++'", "awk '{ getline; print }'", "awk '1\nEND\n{print 2}'",
        "/usr/bin/awk -v n=3 NR==n", "awk '{ x = $1 / 2 } END { print x / 2 }'", "awk '{print \"a\\\"\" NR}'"})
    EXPECT_TRUE(looks(line)) << line;
  for (const char* line :
       {"awk '{ print $1 }'", "awk '/END/'", "awk '$1 == \"END\"'", "awk '{ SEND = 1; print ENDED, NRX, _NR }'",
        "awk 'BEGIN { FS = \",\"; OFS = \"\\t\" } { print $2, $1 }'", "awk -v NR=1 '{print}'", "awk -F NR '{print $2}'",
        "awk '{ print } # NR'", "awk '{ for (i = 1; i <= NF; i++) s = s $i; print s; s = \"\" }'", "awk '{print NF}'",
        "awk '/a\\/NR/ { print }'", "awk -f program.awk", "awk '{ print $1 / 2, $2 / 3 }'"})
    EXPECT_FALSE(looks(line)) << line;
}

TEST(BeyondLine, SedScriptsThatSpeakOfOtherLines) {
  for (const char* line : {"sed 1d", "sed '$d'", "sed -n 5p", "sed 3q", "sed -n '2,4p'", "sed '1!G;h;$!d'",
                           "sed -e s/a/b/ -e 1d", "sed =", "sed 's/x/y/;2d'", "sed '/a/,/b/d'", "sed N",
                           "sed '/x/{n;d}'", "sed 's/a;/b/;$d'", "sed -z s/a/b/", "sed -n '/x/{p;q}'"})
    EXPECT_TRUE(looks(line)) << line;
  for (const char* line : {"sed s/1/2/", "sed 's/$/;/'", "sed /1/d", "sed -E 's/a;1/b/'", "sed -e s/a/b/ 1",
                           "sed -f s.sed", "sed 's/2/N/;y/abc/123/;/x/d'", "sed -n '/a/p'", "sed ':n;s/aa/a/;tn'",
                           "sed 's|$|=|g'", "sed 's/a\\/2/n/'", "sed '/a/i\\\n2 lines'"})
    EXPECT_FALSE(looks(line)) << line;
}

TEST(BeyondLine, GrepThatCountsOrShowsNeighbours) {
  for (const char* line : {"grep -a -c x", "grep -vn x", "grep -m1 x", "grep -A2 x", "grep -5 x", "grep --count x",
                           "grep --max-count=3 x", "grep --context x", "cat -n"})
    EXPECT_TRUE(looks(line)) << line;
  for (const char* line : {"grep -a x", "grep -io x", "grep -e -c", "grep -ecc", "grep -- -c", "grep --color=never x",
                           "egrep -v 'c|n'", "grep -P '\\d'"})
    EXPECT_FALSE(looks(line)) << line;
}

TEST(BeyondLine, TrThatTakesLineEndsAway) {
  for (const char* line : {"tr -d '\\n'", "tr '\\n' ,", "tr -s '[:space:]' '\\n'", "tr -cd a-z", "tr -cs a-z ' '",
                           "tr -d '\\012'", "tr -sc a-z '\\n'"})
    EXPECT_TRUE(looks(line)) << line;
  for (const char* line : {"tr ' ' '\\n'", "tr -d x", "tr a-z A-Z", "tr -s ' '", "tr -cd 'a-z\\n'", "tr -c a-z '\\n'"})
    EXPECT_FALSE(looks(line)) << line;
}

TEST(BeyondLine, JqAndXargs) {
  for (const char* line : {"jq -s length", "jq --slurp .", "jq -n input", "jq -cs .", "xargs echo", "xargs -n3"})
    EXPECT_TRUE(looks(line)) << line;
  for (const char* line : {"jq -c .a", "jq -r --arg s x .b", "xargs -n1 echo", "xargs -L 1 echo", "xargs -I{} echo {}"})
    EXPECT_FALSE(looks(line)) << line;
}

TEST(BeyondLine, BehindWordsThatSayHowAProgramRuns) {
  for (const char* line :
       {"env LC_ALL=C sort", "nice -n 5 uniq -c", "stdbuf -oL head", "timeout 5 wc -l", "busybox tac",
        "env -i nice sort", "bash -c 'cut -f1 | sort'", "sh -ec 'cat;wc -l'", "/bin/sh -c sort"})
    EXPECT_TRUE(looks(line)) << line;
  for (const char* line : {"env LC_ALL=C grep x", "env", "nice", "timeout 5 cat", "bash -c 'cut -f1 | rev'", "sh sort",
                           "bash -c 'echo sort'"})
    EXPECT_FALSE(looks(line)) << line;
}
}  // namespace
}  // namespace rs
