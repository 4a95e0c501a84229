"""The ledger's tables. Times are Unix milliseconds, money is minor units."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    and_,
    literal_column,
)

metadata = MetaData()

schema_version = Table(
    "schema_version", metadata, Column("version", Integer, primary_key=True)
)

qr_codes = Table(
    "qr_codes",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("site_id", String(64), nullable=False),
    Column("bay_id", String(64), nullable=False),
    Column("bay_name", String(255), nullable=False),
    Column("state", String(16), nullable=False),
    Column("test_mode", Boolean, nullable=False),
    Column("plan_code", String(40)),
    Column("plan_name", String(255)),
    Column("price_minor", BigInteger),
    Column("currency", String(3)),
    Column("owed_ms", BigInteger),
    Column("energy_wh", BigInteger),
    Column("provider_id", String(64), unique=True),
    Column("image_url", Text),
    Column("text", Text),
    Column("answer", Text),
    Column("created_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Index("qr_codes_site_state", "site_id", "state"),
)

posters = Table(
    "posters",
    metadata,
    Column("qr_key", ForeignKey("qr_codes.key"), primary_key=True),
    Column("content_type", String(32), nullable=False),
    Column("image", LargeBinary, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("site_id", String(64), nullable=False),
    Column("bay_id", String(64), nullable=False),
    Column("bay_name", String(255), nullable=False, default=""),
    Column("test_mode", Boolean, nullable=False, default=False),
    Column("plan_code", String(40), nullable=False),
    Column("plan_name", String(255), nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("owed_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("watch_code", String(64), nullable=False, unique=True),
    Column("created_ms", BigInteger, nullable=False),
    Column("offer_ends_ms", BigInteger, nullable=False),
    Column("link_id", String(64), unique=True),
    Column("link_url", Text),
    Column("paid_ms", BigInteger),
    Column("start_by_ms", BigInteger),
    Column("claim_by_ms", BigInteger),
    Column("claimed_by", String(16)),
    Column("reason", String(64)),
    Column("session_id", String(40)),
    Column("stop_reason", String(64)),
    Column("ran_ms", BigInteger, nullable=False, default=0),
    Column("qr_key", ForeignKey("qr_codes.key")),
    Column("energy_wh", BigInteger),
    Column("ran_mwh", BigInteger, nullable=False, default=0),
    Column("paid_by", String(16), nullable=False, default="online"),
    Column("by_user", String(64)),
    Column("note", String(255)),
    Column("cash_back_minor", BigInteger, nullable=False, default=0),
    Column("cash_back_ms", BigInteger),
    Column("cash_back_by", String(64)),
    Column("stopped_by", String(64)),
    Column("stopped_ms", BigInteger),
    Index("orders_bay_state", "bay_id", "state"),
    Index("orders_site_state", "site_id", "state"),
    Index("orders_state", "state"),
    Index("orders_created", "created_ms", "id"),
    Index("orders_paid", "paid_ms"),
)
UNREPORTED = orders.c.reason == literal_column("'unreported'")
"""As an index of its own has it; a bound value might not be recognised."""
Index(
    "orders_unreported",
    orders.c.site_id,
    orders.c.created_ms,
    sqlite_where=UNREPORTED,
    postgresql_where=UNREPORTED,
)

CASH_BACK_DUE = and_(
    orders.c.cash_back_minor > literal_column("0"), orders.c.cash_back_ms.is_(None)
)
Index(
    "orders_cash_back_due",
    orders.c.site_id,
    orders.c.created_ms,
    sqlite_where=CASH_BACK_DUE,
    postgresql_where=CASH_BACK_DUE,
)
for _name, _column in (
    ("orders_stopped", orders.c.stopped_ms),
    ("orders_cash_back", orders.c.cash_back_ms),
):
    _told = _column.is_not(None)
    Index(_name, _column, sqlite_where=_told, postgresql_where=_told)

payments = Table(
    "payments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method", String(32)),
    Column("rrn", String(32)),
    Column("fee_minor", BigInteger),
    Column("tax_minor", BigInteger),
    Column("refunded_minor", BigInteger, nullable=False, default=0),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("asked", Integer, nullable=False, default=0),
    Column("ask_ms", BigInteger),
    Index("payments_order", "order_id"),
    Index("payments_rrn", "rrn"),
    Index("payments_created", "created_ms", "id"),
    Index("payments_seen", "seen_ms"),
    Index("payments_ask", "ask_ms"),
)

payment_events = Table(
    "payment_events",
    metadata,
    Column("site_id", String(64), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("payment_id", String(64)),
    Column("received_ms", BigInteger, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("verdict", String(32), nullable=False),
    Index("payment_events_payment", "payment_id", "site_id"),
    Index("payment_events_verdict", "site_id", "verdict"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("bay_id", String(64), nullable=False),
    Column("relay", String(255), nullable=False),
    Column("state", String(16), nullable=False),
    Column("planned_ms", BigInteger, nullable=False),
    Column("session_id", String(40), nullable=False),
    Column("offset_ms", BigInteger, nullable=False, default=0),
    Column("granted_ms", BigInteger, nullable=False),
    Column("asked_ms", BigInteger, nullable=False, default=0),
    Column("started_ms", BigInteger, nullable=False),
    Column("checkpoint_ms", BigInteger, nullable=False),
    Column("ran_ms", BigInteger, nullable=False, default=0),
    Column("ended_ms", BigInteger),
    Column("reason", String(64)),
    Column("ran_mwh", BigInteger, nullable=False, default=0),
    Column("meter_mwh", BigInteger),
    Index("deliveries_order", "order_id"),
    Index("deliveries_state", "state"),
    Index("deliveries_bay", "bay_id", "ended_ms"),
    Index("deliveries_started", "started_ms"),
    Index("deliveries_ended", "ended_ms"),
)
OPEN_STRETCH = deliveries.c.state != literal_column("'closed'")
"""As an index of its own has it: few are open among very many."""
Index(
    "deliveries_open",
    deliveries.c.bay_id,
    sqlite_where=OPEN_STRETCH,
    postgresql_where=OPEN_STRETCH,
)

bays = Table(
    "bays",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("out_of_service_ms", BigInteger),
)

refunds = Table(
    "refunds",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("payment_id", ForeignKey("payments.id"), nullable=False),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("approved_by", String(16)),
    Column("approved_ms", BigInteger),
    Column("attempts", Integer, nullable=False, default=0),
    Column("refusals", Integer, nullable=False, default=0),
    Column("next_ms", BigInteger, nullable=False, default=0),
    Column("provider_id", String(64), unique=True),
    Column("problem", String(32)),
    Column("answer", Text),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Index("refunds_payment", "payment_id"),
    Index("refunds_order", "order_id"),
    Index("refunds_state", "state"),
    Index("refunds_created", "created_ms"),
)
Index(
    "refunds_due_once",
    refunds.c.payment_id,
    refunds.c.reason,
    unique=True,
    sqlite_where=refunds.c.state == "due",
    postgresql_where=refunds.c.state == "due",
)

bay_energy = Table(
    "bay_energy",
    metadata,
    Column("bay_id", String(64), primary_key=True),
    Column("day_ms", BigInteger, primary_key=True),
    Column("mwh", BigInteger, nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", String(32), nullable=False),
    Column("detail", Text),
    Index("timeline_order", "order_id"),
    Index("timeline_at", "at_ms"),
)

customer_references = Table(
    "customer_references",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("site_id", String(64), nullable=False),
    Column("text", String(32), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("customer_references_age", "site_id", "created_ms"),
)

unknown_outcomes = Table(
    "unknown_outcomes",
    metadata,
    Column("site_id", String(64), primary_key=True),
    Column("order_id", String(40), primary_key=True),
    Column("bay_id", String(64), nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("site_id", String(64), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
