#include "bay.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "esphome/components/api/api_server.h"
#include "esphome/core/hal.h"
#include "esphome/core/helpers.h"
#include "esphome/core/log.h"

namespace esphome::paybay_bay {

static const char *const TAG = "paybay_bay";
static constexpr uint32_t NOTE_EVERY_MS = 1000;
// An interlocked relay may follow a little later.
static constexpr uint32_t RELAY_FOLLOWS_MS = 2000;
static constexpr size_t ASK_MAX = 8;
// Home Assistant takes no longer state.
static constexpr size_t STATE_MAX = 255;

void PaybayBay::setup() {
  snprintf(this->boot_, sizeof(this->boot_), "%08" PRIx32, random_uint32());
  this->contact_ms_ = millis_64();
  this->relay_->turn_off();
  this->store_.open(fnv1_hash(this->key_));
  this->record_ = this->store_.load();
  if (this->runs_order_()) {
    // The power was cut, or the program died: the relay went off at an unknown moment
    // after the last checkpoint. It is not switched on again by itself.
    this->record_.outcome = Outcome::INTERRUPTED;
    this->reason_ = "restart";
    this->store_.write(this->record_);
  }
  this->fault_ = this->fault_now_(millis_64());
  this->publish_();
}

void PaybayBay::loop() {
  uint64_t now_ms = millis_64();
  this->settle_(now_ms);
  const char *fault = this->fault_now_(now_ms);
  if (fault != this->fault_) {
    this->fault_ = fault;
    if (fault != nullptr && this->runs_())
      this->end_(Outcome::FAULT, fault);
    this->publish_();
  }
  if (!this->runs_()) {
    if (this->relay_->state)
      this->relay_->turn_off();
    return;
  }
  if (!this->relay_->state && now_ms - this->began_ms_ > RELAY_FOLLOWS_MS)
    this->end_(Outcome::INTERRUPTED, "relay_off");
  else if (this->contact_is_lost_(now_ms))
    this->end_(Outcome::INTERRUPTED, "contact_lost");
  else
    this->keep_account_(now_ms);
}

void PaybayBay::on_shutdown() {
  if (this->runs_())
    this->end_(Outcome::INTERRUPTED, "shutdown");
  this->relay_->turn_off();
}

void PaybayBay::dump_config() {
  ESP_LOGCONFIG(TAG, "PayBay bay '%s': at most %" PRIu32 " s, off %" PRIu32 " s after contact is lost", this->key_,
                this->max_ms_ / 1000, this->contact_loss_ms_ / 1000);
}

void PaybayBay::start(const std::string &order, float seconds, const std::string &boot, int32_t not_after_s) {
  uint64_t now_ms = millis_64();
  this->settle_(now_ms);
  const char *why = bad_order(order);
  if (why == nullptr)
    why = not_current(boot, this->boot_, not_after_s, now_ms);
  if (why == nullptr)
    why = bad_seconds(seconds, this->max_ms_);
  bool again = this->runs_order_() && this->record_.is_of(order);
  if (why == nullptr && !again) {
    why = this->cannot_start_(order);
    if (why == nullptr)
      why = this->begin_(order, static_cast<uint32_t>(seconds * 1000.0));
  }
  this->refusal_ = why;
  ESP_LOGI(TAG, "%s: start %s for %.3f s: %s", this->key_, order.c_str(), seconds, why ? why : again ? "again" : "done");
}

void PaybayBay::extend(const std::string &order, float seconds, const std::string &boot, int32_t not_after_s) {
  uint64_t now_ms = millis_64();
  this->settle_(now_ms);
  const char *why = bad_order(order);
  if (why == nullptr)
    why = not_current(boot, this->boot_, not_after_s, now_ms);
  if (why == nullptr)
    why = bad_seconds(seconds, this->max_ms_);
  if (why == nullptr && !this->runs_order_())
    why = "not_running";
  if (why == nullptr && !this->record_.is_of(order))
    why = "other_order";
  uint32_t total_ms = why == nullptr ? static_cast<uint32_t>(seconds * 1000.0) : 0;
  if (why == nullptr && total_ms <= this->ran_ms_(now_ms))
    why = "already_ran";
  if (why == nullptr) {
    Record longer = this->record_;
    longer.granted_ms = total_ms;
    longer.ran_ms = this->ran_ms_(now_ms);
    if (this->store_.write(longer)) {
      this->record_ = longer;
      this->until_ms_ = this->began_ms_ + total_ms;
      this->publish_();
    } else {
      why = "storage";
    }
  }
  this->refusal_ = why;
  ESP_LOGI(TAG, "%s: extend %s to %.3f s: %s", this->key_, order.c_str(), seconds, why ? why : "done");
}

void PaybayBay::stop(const std::string &order) {
  this->settle_(millis_64());
  if (this->runs_() && !order.empty() && !(this->runs_order_() && this->record_.is_of(order))) {
    this->refusal_ = "other_order";
    return;
  }
  this->refusal_ = nullptr;
  if (this->runs_())
    this->end_(Outcome::STOPPED, "command");
  else
    this->relay_->turn_off();
}

void PaybayBay::report(const std::string &ask) {
  this->settle_(millis_64());
  this->refusal_ = ask.size() > ASK_MAX || (!ask.empty() && bad_order(ask) != nullptr) ? "bad_ask" : nullptr;
  if (this->accepted())
    this->ask_ = ask;
  this->publish_();
}

void PaybayBay::run_manually() {
  if (this->runs_() || this->manual_ms_ == 0 || this->fault_now_(millis_64()) != nullptr)
    return;
  this->switch_on_(millis_64(), this->manual_ms_);
  this->publish_();
}

uint32_t PaybayBay::ran_ms_(uint64_t now_ms) const {
  return static_cast<uint32_t>(std::min(now_ms, this->until_ms_) - this->began_ms_);
}

const char *PaybayBay::cannot_start_(const std::string &order) {
  if (this->runs_order_())
    return "busy";
  if (this->record_.is_of(order) &&
      (this->record_.outcome != Outcome::INTERRUPTED || this->record_.ran_ms >= this->record_.granted_ms))
    return "finished";
  return this->fault_now_(millis_64());
}

const char *PaybayBay::begin_(const std::string &order, uint32_t ms) {
  if (this->record_.is_of(order))
    ms = std::min(ms, this->record_.granted_ms - this->record_.ran_ms);
  Record before = this->record_;
  this->record_.begin(order, ms);
  // Written down before the relay moves: what ran must never be forgotten.
  if (!this->store_.write(this->record_)) {
    this->record_ = before;
    return "storage";
  }
  this->switch_on_(millis_64(), ms);
  this->publish_();
  return nullptr;
}

void PaybayBay::switch_on_(uint64_t now_ms, uint32_t ms) {
  this->reason_ = "";
  this->relay_->turn_on();
  this->began_ms_ = this->kept_ms_ = this->noted_ms_ = now_ms;
  this->until_ms_ = now_ms + ms;
}

void PaybayBay::end_(Outcome outcome, const char *reason) {
  this->relay_->turn_off();
  uint32_t ran_ms = this->ran_ms_(millis_64());
  this->until_ms_ = 0;
  if (this->runs_order_()) {
    this->reason_ = reason;
    this->record_.outcome = outcome;
    this->record_.ran_ms = ran_ms;
    if (!this->store_.write(this->record_))
      ESP_LOGE(TAG, "%s: the outcome cannot be written down", this->key_);
    ESP_LOGI(TAG, "%s: %s %s after %.3f s (%s)", this->key_, this->record_.order, word(outcome), ran_ms / 1000.0,
             reason);
  }
  this->publish_();
}

void PaybayBay::settle_(uint64_t now_ms) {
  if (this->runs_() && now_ms >= this->until_ms_)
    this->end_(Outcome::COMPLETED, "time_up");
}

void PaybayBay::keep_account_(uint64_t now_ms) {
  if (!this->runs_order_())
    return;
  if (now_ms - this->noted_ms_ >= NOTE_EVERY_MS) {
    this->noted_ms_ = now_ms;
    this->store_.note_progress(this->record_, this->ran_ms_(now_ms));
  }
  if (now_ms - this->kept_ms_ >= this->checkpoint_ms_) {
    this->kept_ms_ = now_ms;
    this->record_.ran_ms = this->ran_ms_(now_ms);
    this->store_.write(this->record_);
  }
}

bool PaybayBay::contact_is_lost_(uint64_t now_ms) {
  // As long as the bay runs for nobody, or somebody listens, the clock is set back.
  if (!this->runs_order_() || api::global_api_server == nullptr || api::global_api_server->is_connected()) {
    this->contact_ms_ = now_ms;
    return false;
  }
  uint64_t since_ms = std::max(this->contact_ms_, this->began_ms_);
  return this->contact_loss_ms_ != 0 && now_ms - since_ms >= this->contact_loss_ms_;
}

const char *PaybayBay::fault_now_(uint64_t now_ms) {
  const char *fault = this->faults_.look(now_ms, this->relay_->state);
  if (fault != nullptr || this->runs_())
    return fault;
  for (auto *other : this->never_with_) {
    if (other->runs_())
      return "interlocked";
  }
  return nullptr;
}

static void publish(text_sensor::TextSensor *entity, const std::string &state) {
  if (!entity->has_state() || entity->state != state)
    entity->publish_state(state);
}

void PaybayBay::publish_() {
  const Record &last = this->record_;
  const char *phase = this->fault_ ? this->fault_ : !this->runs_() ? "idle" : this->runs_order_() ? "running" : "manual";
  publish(this->phase_, phase);
  publish(this->order_, this->runs_order_() ? last.order : "");
  if (last.outcome == Outcome::NONE) {
    publish(this->last_session_, "");
  } else if (!this->runs_order_()) {
    char text[STATE_MAX];
    snprintf(text, sizeof(text), "%s %s %.3f s %s", last.order, word(last.outcome), last.ran_ms / 1000.0,
             this->reason_);
    publish(this->last_session_, text);
  }
  this->publish_report_(millis_64());
}

void PaybayBay::publish_report_(uint64_t now_ms) {
  const Record &last = this->record_;
  char running[80]{}, ended[100]{}, text[STATE_MAX + 1];
  if (this->runs_order_()) {
    snprintf(running, sizeof(running), ",\"o\":\"%s\",\"s\":%.3f", last.order,
             (last.granted_ms - std::min(this->ran_ms_(now_ms), last.granted_ms)) / 1000.0);
  } else if (last.outcome != Outcome::NONE) {
    snprintf(ended, sizeof(ended), ",\"l\":[\"%s\",\"%s\",%.3f]", last.order, word(last.outcome),
             last.ran_ms / 1000.0);
  }
  int size = snprintf(text, sizeof(text),
                      "{\"v\":1,\"b\":\"%s\",\"u\":%.3f,\"n\":%" PRIu32 ",\"a\":\"%s\",\"r\":%d%s,\"f\":\"%s\",\"m\":%" PRIu32
                      "%s}",
                      this->boot_, now_ms / 1000.0, ++this->seq_, this->ask_.c_str(), this->relay_->state, running,
                      this->fault_ ? this->fault_ : "", this->max_ms_ / 1000, ended);
  if (size <= static_cast<int>(STATE_MAX))
    this->report_->publish_state(text);
}

}  // namespace esphome::paybay_bay
