#pragma once

#include <cstdint>

#include "esphome/components/binary_sensor/binary_sensor.h"
#include "esphome/components/sensor/sensor.h"

namespace esphome::paybay_bay {

// Watches what must end a session at once: the emergency stop and the current.
class Faults {
 public:
  void set_estop(binary_sensor::BinarySensor *estop) { this->estop_ = estop; }
  void set_meter(sensor::Sensor *meter, float trip_a, uint32_t after_ms, uint32_t silent_ms);
  // Returns one word, or nullptr while all is well.
  const char *look(uint64_t now_ms, bool relay_is_on);

 protected:
  bool overloaded_(uint64_t now_ms);

  binary_sensor::BinarySensor *estop_{nullptr};
  sensor::Sensor *meter_{nullptr};
  float trip_a_{0};
  uint32_t after_ms_{0};
  uint32_t silent_ms_{0};
  uint64_t heard_ms_{0};
  uint64_t above_since_ms_{0};
  uint64_t tripped_ms_{0};
  uint64_t on_since_ms_{0};
};

}  // namespace esphome::paybay_bay
