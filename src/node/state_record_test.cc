#include "node/state_record.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace rs {
namespace {
std::vector<JobRecord> jobs() {
  JobRecord large{.job_id = UINT64_MAX,
                  .identity = std::string("\0\xff\n", 3),
                  .line = "file:a | count > file:o",
                  .sink_path = "/d/o",
                  .cores = 1u << 16,
                  .emit_changes = true,
                  .no_chain = true,
                  .final_values = true};
  for (uint64_t n : {uint64_t{0}, uint64_t{1} << 40, UINT64_MAX})
    large.files.push_back({"/in\n" + std::to_string(n), {io::FileStat::Type::kRegular, n, n, n, INT64_MIN}});
  return {
      JobRecord{}, {.line = "x", .emit_changes = true}, {.cores = 7, .no_chain = true}, {.final_values = true}, large};
}

std::string sealed(const std::string& body) {  // as whoever writes a record would
  std::string bytes = encode(FinishedRecord{}).substr(0, 4);
  put_fixed<uint32_t>(&bytes, crc32c(body));
  return bytes + body;
}

TEST(StateRecord, ReadsBackAsItWas) {
  for (const JobRecord& job : jobs()) {
    const std::optional<JobRecord> again = decode_job(encode(job));
    ASSERT_TRUE(again) << job.line;
    EXPECT_EQ(encode(*again), encode(job));
    EXPECT_EQ(again->identity, job.identity);
    EXPECT_EQ(again->cores, job.cores);
    EXPECT_EQ(again->emit_changes, job.emit_changes);
    EXPECT_EQ(again->no_chain, job.no_chain);
    EXPECT_EQ(again->final_values, job.final_values);
    ASSERT_EQ(again->files.size(), job.files.size());
    for (size_t i = 0; i < job.files.size(); ++i) {
      EXPECT_EQ(again->files[i].path, job.files[i].path);
      EXPECT_EQ(again->files[i].at_start.size, job.files[i].at_start.size);
      EXPECT_EQ(again->files[i].at_start.mtime_ns, job.files[i].at_start.mtime_ns);
    }
  }
  const std::optional<FinishedRecord> finished = decode_finished(encode(FinishedRecord{0, UINT64_MAX, 300}));
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->tuples_in, 0u);
  EXPECT_EQ(finished->tuples_out, UINT64_MAX);
  EXPECT_EQ(finished->bytes_in, 300u);
}

TEST(StateRecord, AnyFlippedOrMissingByteIsDamage) {
  for (const JobRecord& job : jobs()) {
    const std::string bytes = encode(job);
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string flipped = bytes;
      flipped[at] ^= 0x40;
      EXPECT_FALSE(decode_job(flipped)) << at;
      EXPECT_FALSE(decode_job(bytes.substr(0, at))) << at;
    }
    EXPECT_FALSE(decode_job(bytes + "x"));
  }
}

// A valid checksum does not make sense of nonsense.
TEST(StateRecord, NonsenseUnderAValidChecksumIsDamage) {
  const auto job = [](uint64_t cores, uint8_t flags, uint64_t files, const std::string& rest) {
    std::string body;
    put_fixed<uint64_t>(&body, 1);
    for (const char* text : {"identity", "line", "/o"}) put_string(&body, text);
    put_varint(&body, cores);
    body.push_back(static_cast<char>(flags));
    put_varint(&body, files);
    return sealed(body + rest);
  };
  EXPECT_TRUE(decode_job(job(1, 0, 0, "")));
  EXPECT_FALSE(decode_job(job(0, 0, 0, ""))) << "a machine has a core";
  EXPECT_FALSE(decode_job(job((1u << 16) + 1, 0, 0, "")));
  EXPECT_FALSE(decode_job(job(1ull << 32 | 1, 0, 0, ""))) << "not cut to 32 bits";
  EXPECT_FALSE(decode_job(job(1, 0x80, 0, ""))) << "an option of a later version";
  EXPECT_FALSE(decode_job(job(1, 0, UINT64_MAX, ""))) << "more files than bytes";
  EXPECT_FALSE(decode_job(job(1, 0, 0, "more")));
  EXPECT_FALSE(decode_job(sealed("")));
  EXPECT_FALSE(decode_finished(sealed("")));
  EXPECT_FALSE(decode_finished(sealed(std::string(4, '\0'))));
  EXPECT_TRUE(decode_finished(sealed(std::string(3, '\0'))));
}
}  // namespace
}  // namespace rs
