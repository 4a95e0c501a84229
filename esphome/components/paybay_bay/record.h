#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "esphome/core/preferences.h"
#include "rules.h"

namespace esphome::paybay_bay {

enum class Outcome : uint8_t { NONE, RUNNING, COMPLETED, STOPPED, INTERRUPTED, FAULT };

inline const char *word(Outcome outcome) {
  switch (outcome) {
    case Outcome::COMPLETED:
      return "completed";
    case Outcome::STOPPED:
      return "stopped";
    case Outcome::INTERRUPTED:
      return "interrupted";
    case Outcome::FAULT:
      return "fault";
    default:
      return "";
  }
}

// The latest order and what became of it: what must outlive the node's power.
struct Record {
  char order[ORDER_MAX + 1]{};
  Outcome outcome{Outcome::NONE};
  uint32_t granted_ms{0};
  uint32_t ran_ms{0};

  bool is_of(const std::string &id) const { return id == this->order; }
  void begin(const std::string &id, uint32_t ms) {
    *this = Record{};
    strncpy(this->order, id.c_str(), ORDER_MAX);
    this->outcome = Outcome::RUNNING;
    this->granted_ms = ms;
  }
};

// How far the running order is: in memory that survives a reset but no power cut, and
// does not wear out.
struct Progress {
  uint32_t order_hash{0};
  uint32_t ran_ms{0};
};

#if defined(USE_ESP8266) || defined(USE_ESP32_RTC_PREFERENCES_STORAGE)
static constexpr bool HAS_RESET_PROOF_MEMORY = true;
#else
static constexpr bool HAS_RESET_PROOF_MEMORY = false;
#endif

// Keeps a bay's record in the node's preferences. A write is on its way to the flash
// when `write` returns: a power cut right after a start must not forget the order.
class Store {
 public:
  void open(uint32_t key);
  const Record &load();
  bool write(const Record &record);
  void note_progress(const Record &record, uint32_t ran_ms);

 protected:
  ESPPreferenceObject flash_;
  ESPPreferenceObject reset_proof_;
  Record record_{};
};

}  // namespace esphome::paybay_bay
