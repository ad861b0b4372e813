#include "cli/render.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rs {
namespace {
Status sample() {
  return make_error(ErrorId::kJobSyntax, "stage \"enrich\" gave up",
                    {{"where", "task 3, epoch 8071"}, {"stderr", "one\ntwo"}, {"next", "mend it"}});
}

TEST(Render, ErrorsHaveTheirShape) {
  EXPECT_EQ(error_text(sample(), false),
            "error[RS1010]: stage \"enrich\" gave up\n"
            "   where    task 3, epoch 8071\n"
            "   stderr   one\n"
            "            two\n"
            "   next     mend it\n");
  EXPECT_EQ(error_text(sample(), true).substr(0, 31), "\x1b[1;31merror[RS1010]\x1b[0m: stage");
}

TEST(Render, LongNamesWidenTheColumn) {
  const Status status = make_error(ErrorId::kJobSyntax, "m", {{"where", "a"}, {"a long name", "b"}});
  EXPECT_EQ(error_text(status, false), "error[RS1010]: m\n   where        a\n   a long name  b\n");
}

TEST(Render, ControlBytesOfOthersDoNotReachTheTerminal) {
  const Status status = make_error(ErrorId::kJobSyntax, "a\x1b[2Jb", {{"stderr", "x\ry\x7f"}});
  EXPECT_EQ(error_text(status, false), "error[RS1010]: a?[2Jb\n   stderr   x?y?\n");
}

TEST(Render, ErrorsAsJson) {
  EXPECT_EQ(error_json(sample()), R"({"error":{"code":"RS1010","message":"stage \"enrich\" gave up","hint":"mend it",)"
                                  R"("details":{"where":"task 3, epoch 8071","stderr":"one\ntwo"}}})"
                                  "\n");
  EXPECT_EQ(error_json(absl::InternalError("odd")),
            "{\"error\":{\"code\":\"RS9001\",\"message\":\"odd\",\"hint\":\"\",\"details\":{}}}\n");
  EXPECT_EQ(error_json(make_error(ErrorId::kJobSyntax, "\xff")),
            "{\"error\":{\"code\":\"RS1010\",\"message\":\"\xef\xbf\xbd\",\"hint\":\"\",\"details\":{}}}\n");
}

RunReport report(RunEnd end) {
  RunReport report;
  report.end = end;
  report.signal = end == RunEnd::kStopped ? 2 : 0;
  report.tuples_in = 12345678;
  report.tuples_out = 1234;
  report.bytes_in = 1'000'000'000;
  report.seconds = 2;
  report.duplicates_rejected = 7;
  return report;
}

TEST(Render, EndLine) {
  RunOptions options;
  const std::string numbers =
      "12,345,678 tuples in, 1,234 out, 2.00 s, 6.17 M tuples/s, 500 MB/s, duplicates rejected 7\n";
  EXPECT_EQ(end_line(options, report(RunEnd::kFinished)), numbers);
  options.job.sink = {SinkSpec::Kind::kFile, "x"};
  EXPECT_EQ(end_line(options, report(RunEnd::kStopped)),
            "stopped by signal 2; the output file was not touched: " + numbers);
  options.state = "/s/wc";
  options.state_name = "wc";
  EXPECT_EQ(end_line(options, report(RunEnd::kStopped)),
            "stopped by signal 2; the same command goes on from here: " + numbers);
  EXPECT_EQ(end_line(options, report(RunEnd::kAlreadyFinished)),
            "state wc: this job is finished already; --fresh runs it anew\n");
}

TEST(Render, EndLineSaysWhatIsOne) {
  RunReport one;
  one.tuples_in = one.tuples_out = one.retries = 1;
  one.bytes_in = 2;
  one.seconds = 0.004;
  EXPECT_EQ(end_line({}, one), "1 tuple in, 1 out, 4 ms, 250 tuples/s, 500 B/s, retries 1\n");
}

TEST(Render, AResumedRunTellsItsOwnPart) {
  RunOptions options;
  RunReport resumed = report(RunEnd::kFinished);
  resumed.tuples_before = 12'345'078;
  resumed.bytes_before = 999'000'000;
  resumed.seconds = 0.056037;
  EXPECT_EQ(end_line(options, resumed),
            "12,345,678 tuples in, 1,234 out since the first start; this run: 600 in, 56 ms, 10.7 k tuples/s, "
            "17.8 MB/s, duplicates rejected 7\n");
  const std::string json = end_json(options, resumed);
  EXPECT_NE(json.find(R"("tuples_in":12345678,)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("seconds":0.056,"rate":10707.)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("this_run":{"tuples_in":600,"bytes_in":1000000})"), std::string::npos) << json;
  resumed.end = RunEnd::kAlreadyFinished;
  EXPECT_NE(end_json(options, resumed).find(R"("this_run":{"tuples_in":0,"bytes_in":0})"), std::string::npos);
}

TEST(Render, EndJson) {
  RunOptions options;
  options.line = "file:a | count";
  EXPECT_EQ(
      end_json(options, report(RunEnd::kFinished)),
      R"({"job":"file:a | count","state":"finished","tuples_in":12345678,"tuples_out":1234,"bytes_in":1000000000,)"
      R"("seconds":2.000,"rate":6172839.000,"retries":0,"duplicates_rejected":7,"quarantined":0,)"
      R"("this_run":{"tuples_in":12345678,"bytes_in":1000000000}})"
      "\n");
  options.state = "/s/wc";
  options.state_name = "wc";
  EXPECT_TRUE(end_json(options, RunReport{}).starts_with(R"({"job":"wc","state":"finished","tuples_in":0,)"));
  EXPECT_NE(end_json(options, report(RunEnd::kAlreadyFinished)).find(R"("state":"already finished")"),
            std::string::npos);
  EXPECT_NE(end_json(options, report(RunEnd::kStopped)).find(R"("state":"stopped")"), std::string::npos);
  EXPECT_NE(end_json(options, report(RunEnd::kReaderGone)).find(R"("state":"reader gone")"), std::string::npos);
}

Plan sample_plan() {
  Plan plan;
  plan.source = "file:wiki.txt (1 file, 100 MB)";
  plan.sink = "file:counts.tsv";
  plan.source_tasks = 2;
  plan.stages = {{"words", "verb", 2, true, false, false, ""},
                 {"2x count", "verb", 2, false, true, true, "pre-combined"}};
  plan.delivery = "exactly once, state in /s/wc";
  return plan;
}

TEST(Render, PlanIsAPicture) {
  EXPECT_EQ(plan_text(sample_plan()),
            "┌ 2 tasks\n"
            "│   file:wiki.txt (1 file, 100 MB)          source\n"
            "│   words                                   verb\n"
            "└─ shuffle: each key to its task\n"
            "┌ 2 tasks, log and commit\n"
            "│   2x count                                verb; pre-combined\n"
            "└─ as it comes\n"
            "┌ 1 task\n"
            "│   file:counts.tsv                         sink\n"
            "└─ exactly once, state in /s/wc\n");
  Plan plan = sample_plan();
  plan.stages[1].shuffled = plan.stages[1].durable = false;
  EXPECT_NE(plan_text(plan).find("└─ in order\n┌ 2 tasks\n│   2x count"), std::string::npos);
  EXPECT_NE(plan_text(plan).find("└─ in order\n┌ 1 task\n│   file:counts.tsv"), std::string::npos);
}

TEST(Render, PlanAsJson) {
  const std::string expected =
      R"-({"source":"file:wiki.txt (1 file, 100 MB)","source_tasks":2,"stages":)-"
      R"([{"text":"words","kind":"verb","tasks":2,"chained":true,"shuffled":false,"durable":false,"note":""},)"
      R"({"text":"2x count","kind":"verb","tasks":2,"chained":false,"shuffled":true,"durable":true,)"
      R"("note":"pre-combined"}],)"
      R"("sink":"file:counts.tsv","delivery":"exactly once, state in /s/wc"})";
  EXPECT_EQ(plan_json(sample_plan()), expected + "\n");
}

StateInfo sample_state() {
  return {"wc", "/s/wc", "file:a | count > file:b", "running", 4711, 8071, 1'234'000, "rainstorm-job 1\n"};
}

TEST(Render, States) {
  EXPECT_EQ(states_table({}), "no states; rainstorm run --state NAME '...' makes one\n");
  EXPECT_EQ(states_table({sample_state()}),
            "NAME  STATUS              EPOCH  SIZE     JOB\n"
            "wc    running (pid 4711)  8,071  1.23 MB  file:a | count > file:b\n");
  EXPECT_EQ(state_text(sample_state()),
            "name    wc\nstatus  running (pid 4711)\nepoch   8,071\nsize    1.23 MB\nfolder  /s/wc\n"
            "job     file:a | count > file:b\n\nrainstorm-job 1\n");
  EXPECT_EQ(state_json(sample_state()),
            R"({"name":"wc","status":"running","epoch":8071,"bytes":1234000,"pid":4711,"folder":"/s/wc",)"
            R"("job":"file:a | count > file:b","identity":"rainstorm-job 1\n"})"
            "\n");
}

TEST(Render, Wrapping) {
  EXPECT_EQ(wrapped("aa bb cc", 5), "aa bb\ncc\n");
  EXPECT_EQ(wrapped("aaaaaaa b", 5), "aaaaaaa\nb\n");
  EXPECT_EQ(wrapped("", 5), "\n");
}
}  // namespace
}  // namespace rs
