"""Names that more than one room of the integration uses."""

from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "paybay"
PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.SENSOR,
    Platform.SWITCH,
]

SUBENTRY_BAY: Final = "bay"
SUBENTRY_PLAN: Final = "plan"

# Config entry data
CONF_KEY_ID: Final = "key_id"
CONF_KEY_SECRET: Final = "key_secret"  # noqa: S105 - a field name
CONF_WEBHOOK_SECRET: Final = "webhook_secret"  # noqa: S105 - a field name
CONF_PREVIOUS_WEBHOOK_SECRET: Final = "previous_webhook_secret"  # noqa: S105 - a field name
CONF_HOOK_ID: Final = "hook_id"
CONF_CLOUDHOOK_URL: Final = "cloudhook_url"

# Config entry options
CONF_REFUND_BUDGET: Final = "refund_budget"
DEFAULT_REFUND_BUDGET: Final = "500.00"
"""Major units a day."""
CONF_POLLING_ONLY: Final = "polling_only"
CONF_FREE_MINUTES: Final = "free_minutes"
DEFAULT_FREE_MINUTES: Final = 30
"""What each attendant may give away a day."""
CONF_MERCHANT: Final = "merchant"
CONF_REFERENCE: Final = "reference"

# Plan subentry data
CONF_CODE: Final = "code"
CONF_AMOUNT_MINOR: Final = "amount_minor"
CONF_CURRENCY: Final = "currency"
CONF_DURATION_S: Final = "duration_s"
CONF_ENERGY_WH: Final = "energy_wh"

# Bay subentry data
CONF_RELAY: Final = "relay"
CONF_PLANS: Final = "plans"
CONF_START_MODE: Final = "start_mode"
CONF_CLAIM_WINDOW_S: Final = "claim_window_s"
CONF_CLAIM_FALLBACK: Final = "claim_fallback"
CONF_START_WINDOW_S: Final = "start_window_s"
CONF_RESUME_WINDOW_S: Final = "resume_window_s"
CONF_BUSY: Final = "busy"
CONF_MAX_QUEUE_MIN: Final = "max_queue_min"
CONF_REST: Final = "rest"
CONF_CUSTOMER_STOP: Final = "customer_stop"
CONF_OPENS: Final = "opens"
CONF_CLOSES: Final = "closes"
CONF_WEEKDAYS: Final = "weekdays"
CONF_DAILY_CAP_MIN: Final = "daily_cap_min"
CONF_AUTO_OFF: Final = "auto_off"
CONF_AUTO_OFF_S: Final = "auto_off_s"
CONF_ODD_AMOUNT: Final = "odd_amount"
CONF_MIN_AMOUNT_MINOR: Final = "min_amount_minor"
CONF_MAX_AMOUNT_MINOR: Final = "max_amount_minor"
CONF_ENERGY_METER: Final = "energy_meter"
CONF_POWER_METER: Final = "power_meter"
CONF_LOAD_WITHIN_S: Final = "load_within_s"
CONF_METER_SILENCE_S: Final = "meter_silence_s"
CONF_PLUGGED_W: Final = "plugged_w"
DEFAULT_METER_SILENCE_S: Final = 300

EVENT_ATTENTION: Final = "paybay_attention"
EVENT_ORDER_PAID: Final = "paybay_order_paid"
EVENT_EXPORT_PROGRESS: Final = "paybay_export_progress"

WEBHOOK_PATH: Final = "/api/paybay/webhook/{hook}"
QR_SHEET_PATH: Final = "/api/paybay/qr_sheet/{entry_id}"
POSTER_PATH: Final = "/api/paybay/poster/{bay}.{format}"
POSTERS_PATH: Final = "/api/paybay/posters/{entry_id}.pdf"
EXPORT_PATH: Final = "/api/paybay/exports/{name}"

BAY_PAGE: Final = "/paybay/{bay}"
BAY_ORDERS: Final = "/paybay/{bay}/orders"
ORDER_PAGE: Final = "/paybay/orders/{watch}"
ORDER_RETURN: Final = "/paybay/orders/{watch}/return"
BAY_FIND: Final = "/paybay/{bay}/find"
KIOSK: Final = "/paybay/kiosk/{entry}"
TERMS: Final = "/terms"
"""Added to a bay's page and to an order's."""

ENV_RAZORPAY_URL: Final = "PAYBAY_RAZORPAY_URL"
"""Points the provider at an emulator; loopback addresses only."""
