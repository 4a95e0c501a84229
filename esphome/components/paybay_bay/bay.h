#pragma once

#include <string>
#include <vector>

#include "esphome/components/switch/switch.h"
#include "esphome/components/text_sensor/text_sensor.h"
#include "esphome/core/component.h"
#include "faults.h"
#include "record.h"

namespace esphome::paybay_bay {

// One relay, one order at a time, one deadline: replaced by `extend`, never stacked.
class PaybayBay : public Component {
 public:
  explicit PaybayBay(switch_::Switch *relay) : relay_(relay) {}

  void set_key(const char *key) { this->key_ = key; }
  void set_max_session(uint32_t ms) { this->max_ms_ = ms; }
  void set_manual_max(uint32_t ms) { this->manual_ms_ = ms; }
  void set_contact_loss_off(uint32_t ms) { this->contact_loss_ms_ = ms; }
  void set_checkpoint(uint32_t ms) { this->checkpoint_ms_ = ms; }
  void set_report(text_sensor::TextSensor *entity) { this->report_ = entity; }
  void set_phase(text_sensor::TextSensor *entity) { this->phase_ = entity; }
  void set_order(text_sensor::TextSensor *entity) { this->order_ = entity; }
  void set_last_session(text_sensor::TextSensor *entity) { this->last_session_ = entity; }
  void set_estop(binary_sensor::BinarySensor *estop) { this->faults_.set_estop(estop); }
  void set_meter(sensor::Sensor *meter, float trip_a, uint32_t after_ms, uint32_t silent_ms) {
    this->faults_.set_meter(meter, trip_a, after_ms, silent_ms);
  }
  void never_with(PaybayBay *other) { this->never_with_.push_back(other); }

  void setup() override;
  void loop() override;
  void dump_config() override;
  void on_shutdown() override;
  float get_setup_priority() const override { return setup_priority::DATA; }

  // The node's actions. Each leaves its answer in `refusal`, empty for "done".
  void start(const std::string &order, float seconds, const std::string &boot, int32_t not_after_s);
  void extend(const std::string &order, float seconds, const std::string &boot, int32_t not_after_s);
  void stop(const std::string &order);
  void report(const std::string &ask);
  bool accepted() const { return this->refusal_ == nullptr; }
  std::string refusal() const { return this->refusal_ == nullptr ? "" : this->refusal_; }

  // The switch that everybody can see.
  void run_manually();
  void switch_off() { this->stop(""); }
  bool is_on() const { return this->relay_->state; }

 protected:
  bool runs_() const { return this->until_ms_ != 0; }
  bool runs_order_() const { return this->record_.outcome == Outcome::RUNNING; }
  uint32_t ran_ms_(uint64_t now_ms) const;
  const char *cannot_start_(const std::string &order);
  const char *begin_(const std::string &order, uint32_t ms);
  void switch_on_(uint64_t now_ms, uint32_t ms);
  void end_(Outcome outcome, const char *reason);
  void settle_(uint64_t now_ms);
  void keep_account_(uint64_t now_ms);
  bool contact_is_lost_(uint64_t now_ms);
  const char *fault_now_(uint64_t now_ms);
  void publish_();
  void publish_report_(uint64_t now_ms);

  switch_::Switch *relay_;
  const char *key_{""};
  uint32_t max_ms_{0};
  uint32_t manual_ms_{0};
  uint32_t contact_loss_ms_{0};
  uint32_t checkpoint_ms_{0};
  text_sensor::TextSensor *report_{nullptr};
  text_sensor::TextSensor *phase_{nullptr};
  text_sensor::TextSensor *order_{nullptr};
  text_sensor::TextSensor *last_session_{nullptr};
  std::vector<PaybayBay *> never_with_;

  Faults faults_;
  Store store_;
  Record record_;
  char boot_[9]{};
  std::string ask_;
  const char *refusal_{nullptr};
  const char *fault_{nullptr};
  const char *reason_{""};
  uint32_t seq_{0};
  uint64_t began_ms_{0};
  uint64_t until_ms_{0};
  uint64_t kept_ms_{0};
  uint64_t noted_ms_{0};
  uint64_t contact_ms_{0};
};

}  // namespace esphome::paybay_bay
