#include "record.h"

#include <algorithm>

namespace esphome::paybay_bay {

static constexpr uint32_t LAYOUT = 1;

static uint32_t hash_of(const Record &record) { return fnv1_hash(record.order); }

void Store::open(uint32_t key) {
  this->flash_ = global_preferences->make_preference<Record>(key ^ LAYOUT, true);
  if (HAS_RESET_PROOF_MEMORY)
    this->reset_proof_ = global_preferences->make_preference<Progress>(key ^ ~LAYOUT, false);
}

const Record &Store::load() {
  if (!this->flash_.load(&this->record_))
    this->record_ = Record{};
  this->record_.order[ORDER_MAX] = '\0';
  Progress progress{};
  if (HAS_RESET_PROOF_MEMORY && this->reset_proof_.load(&progress) && progress.order_hash == hash_of(this->record_))
    this->record_.ran_ms = std::max(this->record_.ran_ms, std::min(progress.ran_ms, this->record_.granted_ms));
  return this->record_;
}

bool Store::write(const Record &record) {
  this->note_progress(record, record.ran_ms);
  return this->flash_.save(&record) && global_preferences->sync();
}

void Store::note_progress(const Record &record, uint32_t ran_ms) {
  if (!HAS_RESET_PROOF_MEMORY)
    return;
  Progress progress{hash_of(record), ran_ms};
  this->reset_proof_.save(&progress);
}

}  // namespace esphome::paybay_bay
