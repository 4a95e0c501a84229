#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

// Which commands a bay obeys. Each returns nullptr, or one word that says why not.
namespace esphome::paybay_bay {

static constexpr size_t ORDER_MAX = 40;

inline const char *bad_order(const std::string &order) {
  if (order.empty() || order.size() > ORDER_MAX)
    return "bad_order_id";
  for (char c : order) {
    bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    if (!fine)
      return "bad_order_id";
  }
  return nullptr;
}

inline const char *bad_seconds(float seconds, uint32_t max_ms) {
  if (!std::isfinite(seconds) || seconds < 0.001f)
    return "bad_seconds";
  return seconds * 1000.0 > max_ms ? "too_long" : nullptr;
}

// What was meant for another start of this node, or comes too late by its own clock.
inline const char *not_current(const std::string &boot, const char *own_boot, int32_t not_after_s, uint64_t now_ms) {
  if (boot != own_boot)
    return "other_boot";
  if (not_after_s < 0)
    return "bad_not_after";
  return static_cast<uint64_t>(not_after_s) * 1000 < now_ms ? "stale" : nullptr;
}

}  // namespace esphome::paybay_bay
