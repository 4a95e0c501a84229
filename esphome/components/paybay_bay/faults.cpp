#include "faults.h"

#include <algorithm>
#include <cmath>

#include "esphome/core/hal.h"

namespace esphome::paybay_bay {

// Nobody can start a session so long after a trip; the meter needs time to fall, too.
static constexpr uint32_t COOL_DOWN_MS = 30000;
// So much current is not waited out.
static constexpr float INSTANT = 1.5f;

void Faults::set_meter(sensor::Sensor *meter, float trip_a, uint32_t after_ms, uint32_t silent_ms) {
  this->meter_ = meter;
  this->trip_a_ = trip_a;
  this->after_ms_ = after_ms;
  this->silent_ms_ = silent_ms;
  meter->add_on_state_callback([this](float amperes) {
    if (std::isfinite(amperes))
      this->heard_ms_ = millis_64();
  });
}

const char *Faults::look(uint64_t now_ms, bool relay_is_on) {
  // An emergency stop that has not spoken yet counts as pressed.
  if (this->estop_ != nullptr && (!this->estop_->has_state() || this->estop_->state))
    return "estop";
  if (this->meter_ == nullptr)
    return nullptr;
  if (!relay_is_on)
    this->on_since_ms_ = 0;
  else if (this->on_since_ms_ == 0)
    this->on_since_ms_ = now_ms;
  if (this->overloaded_(now_ms))
    this->tripped_ms_ = now_ms;
  if (this->tripped_ms_ != 0 && now_ms - this->tripped_ms_ < COOL_DOWN_MS)
    return "over_current";
  if (this->silent_ms_ != 0 && relay_is_on &&
      now_ms - std::max(this->heard_ms_, this->on_since_ms_) > this->silent_ms_)
    return "meter_silent";
  return nullptr;
}

bool Faults::overloaded_(uint64_t now_ms) {
  float amperes = this->meter_->has_state() ? this->meter_->state : 0.0f;
  if (!(amperes > this->trip_a_)) {
    this->above_since_ms_ = 0;
    return false;
  }
  if (this->above_since_ms_ == 0)
    this->above_since_ms_ = now_ms;
  return amperes > INSTANT * this->trip_a_ || now_ms - this->above_since_ms_ >= this->after_ms_;
}

}  // namespace esphome::paybay_bay
