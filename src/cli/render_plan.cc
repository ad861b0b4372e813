#include <algorithm>

#include "base/check.h"
#include "cli/format.h"
#include "cli/render.h"

namespace rs {
namespace {
constexpr size_t kTextColumns = 40;

std::string open_box(uint32_t tasks, const std::string& what) {
  return "┌ " + count_of(tasks, "task", "tasks") + what + "\n";
}

std::string row(const std::string& text, const std::string& what) {
  if (what.empty()) return "│   " + text + "\n";
  const size_t gap = text.size() < kTextColumns ? kTextColumns - text.size() : 2;
  return "│   " + text + std::string(gap, ' ') + what + "\n";
}

std::string stage_row(const PlanStage& stage) {
  return row(stage.text, stage.note.empty() ? stage.kind : stage.kind + "; " + stage.note);
}
}  // namespace

std::string plan_text(const Plan& plan) {
  RS_CHECK(plan.source_tasks > 0, "somebody reads");
  std::string text = open_box(plan.source_tasks, "") + row(plan.source, "source");
  bool ordered = true;
  for (const PlanStage& stage : plan.stages) {
    ordered &= !stage.shuffled;
    if (!stage.chained) {
      text += stage.shuffled ? "└─ shuffle: each key to its task\n" : "└─ in order\n";
      text += open_box(stage.tasks, stage.durable ? ", log and commit" : "");
    }
    text += stage_row(stage);
  }
  text += (ordered ? "└─ in order\n" : "└─ as it comes\n") + open_box(1, "") + row(plan.sink, "sink");
  return text + "└─ " + plan.delivery + "\n";
}

std::string plan_json(const Plan& plan) {
  std::string stages;
  for (const PlanStage& stage : plan.stages) {
    JsonObject object;
    object.text("text", stage.text).text("kind", stage.kind).number("tasks", stage.tasks);
    object.boolean("chained", stage.chained).boolean("shuffled", stage.shuffled).boolean("durable", stage.durable);
    object.text("note", stage.note);
    stages += (stages.empty() ? "" : ",") + object.str();
  }
  JsonObject object;
  object.text("source", plan.source).number("source_tasks", plan.source_tasks).array("stages", stages);
  object.text("sink", plan.sink).text("delivery", plan.delivery);
  return object.str() + "\n";
}
}  // namespace rs
