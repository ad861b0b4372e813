#include "io/sim/platter.h"

#include <algorithm>
#include <utility>

namespace rs::io {
void Content::write(uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  const uint64_t end = offset + bytes.size();
  const uint64_t first = std::min<uint64_t>(offset, now_.size());  // a gap becomes zeros, and is written too
  if (end > now_.size()) now_.resize(end);
  now_.replace(offset, bytes.size(), bytes);
  for (uint64_t number = first / kPage; number <= (end - 1) / kPage; ++number) dirty_.insert(number);
}

void Content::persist(uint64_t begin, uint64_t end) {
  RS_CHECK(begin <= end && end <= now_.size(), "only what was written becomes durable");
  if (begin == end) return;
  if (durable_.size() < end) durable_.resize(end);
  durable_.replace(begin, end - begin, now_, begin, end - begin);
}

void Content::sync() {
  for (uint64_t number : dirty_) persist(number * kPage, number * kPage + page(number).size());
  dirty_.clear();
}

void Content::write_back(SimRandom* random) {
  std::erase_if(dirty_, [&](uint64_t number) {
    if (random->coin()) return false;
    persist(number * kPage, number * kPage + page(number).size());
    return true;
  });
}

void Content::lose_power(SimRandom* random, PlatterCounts* counts) {
  for (uint64_t number : dirty_) {
    const uint64_t begin = number * kPage;
    const uint64_t size = page(number).size();
    switch (random->below(6)) {
      case 0:
      case 1:
        ++counts->lost_pages;
        break;
      case 2:
      case 3:
        ++counts->kept_pages;
        persist(begin, begin + size);
        break;
      case 4:
        ++counts->torn_pages;
        persist(begin, begin + random->below(size + 1));
        break;
      default:
        ++counts->torn_pages;
        for (uint64_t at = 0; at < size; at += kSector)
          if (random->coin()) persist(begin + at, begin + std::min(size, at + kSector));
    }
  }
  dirty_.clear();
  if (durable_.size() < now_.size() && random->below(4) == 0) {
    ++counts->holes;
    durable_.resize(random->between(durable_.size() + 1, now_.size()));
  }
  now_ = durable_;
}

void Content::set_at_rest(std::string bytes) {
  now_ = durable_ = std::move(bytes);
  dirty_.clear();
}

void Content::flip(uint64_t offset, uint32_t bit) {
  RS_CHECK(offset < now_.size() && bit < 8, "a bit of the file");
  now_[offset] = static_cast<char>(now_[offset] ^ (1 << bit));
  if (offset < durable_.size()) durable_[offset] = static_cast<char>(durable_[offset] ^ (1 << bit));
}

uint64_t InodeNumbers::take(SimRandom* random) {
  if (free_.empty() || random->coin()) return next_++;
  const uint64_t number = free_.back();
  free_.pop_back();
  return number;
}

void NameJournal::add(NameChange change) {
  for (const NameEdit& edit : change) {
    RS_CHECK(edit.directory->is_directory(), "names live in directories");
    if (edit.target) edit.directory->names[edit.name] = edit.target;
    if (!edit.target) edit.directory->names.erase(edit.name);
  }
  pending_.push_back(std::move(change));
}

// Two changes of one name keep their order. A directory goes only after what left it. A rename into a new directory
// comes after that directory; a mere create does not wait for it: who forgets to sync the parent of a new directory
// loses the files in it.
bool NameJournal::must_follow(const NameChange& later, const NameChange& earlier) {
  for (const NameEdit& l : later) {
    for (const NameEdit& e : earlier) {
      if (l.directory == e.directory && l.name == e.name) return true;
      if (l.gone != nullptr && l.gone == e.directory) return true;
      if (later.size() > 1 && l.directory == e.target) return true;
    }
  }
  return false;
}

void NameJournal::sync(const Inode* directory) {
  Choice chosen(pending_.size());
  for (size_t i = pending_.size(); i-- > 0;) {
    for (const NameEdit& edit : pending_[i]) chosen[i] = chosen[i] || edit.directory.get() == directory;
    for (size_t j = i + 1; j < pending_.size() && !chosen[i]; ++j)
      chosen[i] = chosen[j] && must_follow(pending_[j], pending_[i]);
  }
  make_durable(chosen);
}

// A prefix, as a file system with one metadata journal leaves it, or whatever the rules allow.
NameJournal::Choice NameJournal::any_subset(SimRandom* random) const {
  Choice chosen(pending_.size());
  if (random->coin()) {
    std::fill_n(chosen.begin(), random->below(pending_.size() + 1), true);
    return chosen;
  }
  for (size_t i = 0; i < pending_.size(); ++i) {
    chosen[i] = random->coin();
    for (size_t j = 0; j < i && chosen[i]; ++j) chosen[i] = chosen[j] || !must_follow(pending_[i], pending_[j]);
  }
  return chosen;
}

void NameJournal::make_durable(const Choice& chosen) {
  std::vector<NameChange> rest;
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (!chosen[i]) {
      rest.push_back(std::move(pending_[i]));
      continue;
    }
    for (const NameEdit& edit : pending_[i]) {
      if (edit.target) edit.directory->durable_names[edit.name] = edit.target;
      if (!edit.target) edit.directory->durable_names.erase(edit.name);
    }
  }
  pending_ = std::move(rest);
}

void NameJournal::write_back(SimRandom* random) { make_durable(any_subset(random)); }

void NameJournal::lose_power(SimRandom* random, PlatterCounts* counts) {
  const uint64_t before = pending_.size();
  make_durable(any_subset(random));
  counts->kept_names += before - pending_.size();
  counts->lost_names += pending_.size();
  pending_.clear();
}
}  // namespace rs::io
