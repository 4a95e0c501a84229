"""The accountant's file: what stands in it, and that it is whole or not there."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.paybay import export_file
from custom_components.paybay.domain.csv_row import HEADER
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.notices import RefundFact
from custom_components.paybay.domain.orders import OrderStep
from custom_components.paybay.export_file import (
    ExportOrder,
    ExportStoppedError,
    write,
)
from custom_components.paybay.ledger import LedgerError, orders, refund_news

from .books import BEGAN_MS, add_order, books, finish, pay

INDIA = ZoneInfo("Asia/Kolkata")
EVER: dict[str, Any] = {"from_ms": 0, "to_ms": 2**50}


class Office:
    """Writes files from one ledger."""

    def __init__(self, folder: Path) -> None:
        self.ledger = folder / "ledger.db"
        self.folder = folder / "exports"
        self.progress: list[tuple[int, int]] = []

    def order(self, **changes: Any) -> ExportOrder:
        values: dict[str, Any] = {
            "ledger": self.ledger,
            "folder": self.folder,
            "name": "paybay.csv",
            "zone": INDIA,
            **EVER,
        }
        return ExportOrder(**(values | changes))

    def write(self, **changes: Any) -> list[dict[str, str]]:
        done = write(
            self.order(**changes),
            lambda *seen: self.progress.append(seen),
            lambda: False,
        )
        with done.path.open(encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
        assert done.rows == len(found)
        return found


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def fill(office: Office, count: int, **changes: Any) -> None:
    with books(office.ledger) as connection:
        for number in range(count):
            order = add_order(connection, number, **changes)
            pay(connection, order)
            finish(connection, order)


def test_row_has_all_that_an_accountant_asks_for(office: Office) -> None:
    with books(office.ledger) as connection:
        order = add_order(connection, 1)
        payment_id = pay(connection, order)
        finish(connection, order)
        fact = RefundFact(
            id="rfnd_1",
            payment_id=payment_id,
            amount=Money(250, "INR"),
            status="processed",
        )
        refund_news.take(connection, fact, order.created_ms)
    (row,) = office.write()
    paid_at = datetime.fromtimestamp((order.created_ms + 10_000) / 1000, INDIA)
    assert tuple(row) == HEADER
    assert row | {"ordered_local": "", "ordered_utc": "", "ended_utc": ""} == row | {
        "order_id": "ord_000001",
        "bay": "Bay 1",
        "bay_id": "bay",
        "plan": "ten_min",
        "plan_name": "Ten minutes",
        "mode": "live",
        "currency": "INR",
        "price": "10.00",
        "paid": "10.00",
        "refunded": "2.50",
        "net": "7.50",
        "fee": "0.24",
        "tax": "0.04",
        "seconds_owed": "600.000",
        "seconds_delivered": "600.000",
        "payment_id": payment_id,
        "payment_kind": "credited",
        "method": "upi",
        "rrn": "rrn000001",
        "state": "completed",
        "reason": "time_up",
        "paid_local": paid_at.isoformat(),
        "ordered_local": "",
        "ordered_utc": "",
        "ended_utc": "",
    }
    assert row["paid_local"].endswith("+05:30")
    assert datetime.fromisoformat(row["paid_utc"]) == paid_at
    assert row["paid_utc"].endswith("+00:00")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula_in_a_spreadsheet(office: Office, start: str) -> None:
    nasty = f'{start}HYPERLINK("https://example.com","x, y")'
    fill(office, 1, plan_name=nasty, bay_name=nasty)
    (row,) = office.write()
    assert row["plan_name"] == row["bay"] == f"'{nasty}"


def test_amounts_below_zero_stay_numbers(office: Office) -> None:
    with books(office.ledger) as connection:
        order = add_order(connection, 1)
        pay(connection, order, refunded_minor=1250)
    (row,) = office.write()
    assert row["net"] == "-2.50"


def test_file_follows_rfc_4180(office: Office) -> None:
    fill(office, 2, plan_name='A "long", hot\nsummer ☀')
    for bom in (True, False):
        office.write(bom=bom, name=f"{bom}.csv")
        raw = (office.folder / f"{bom}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf") is bom
        text = raw.decode("utf-8-sig")
        assert text.count("\r\n") == 3
        assert text.endswith("\r\n")
        assert '"A ""long"", hot\nsummer ☀"' in text


def test_sums_are_right_although_an_order_was_paid_twice(office: Office) -> None:
    with books(office.ledger) as connection:
        order = add_order(connection, 1)
        pay(connection, order)
        pay(connection, order, "x")
        finish(connection, order)
    rows = office.write()
    assert [row["payment_kind"] for row in rows] == ["credited", "extra"]
    assert sum(float(row["paid"]) for row in rows) == 20
    assert [row["price"] for row in rows] == ["10.00", ""]
    assert [row["seconds_delivered"] for row in rows] == ["600.000", ""]


def test_free_order_has_a_row_and_an_unpaid_offer_has_none(office: Office) -> None:
    with books(office.ledger) as connection:
        add_order(connection, 1)
        free = add_order(connection, 2, price=Money(0, "INR"))
        at_ms = free.created_ms
        orders.step(connection, free.id, OrderStep.CREDIT, at_ms, paid_ms=at_ms)
    (row,) = office.write()
    assert (row["order_id"], row["payment_kind"]) == (free.id, "free")
    assert (row["price"], row["paid"], row["fee"]) == ("0.00", "0.00", "")


def test_fee_that_is_not_known_yet_is_empty_and_not_zero(office: Office) -> None:
    with books(office.ledger) as connection:
        pay(connection, add_order(connection, 1), fee_minor=None, tax_minor=None)
    (row,) = office.write()
    assert (row["fee"], row["tax"]) == ("", "")


def test_payments_of_the_span_alone_are_written_oldest_first(office: Office) -> None:
    fill(office, 5)
    first_ms = BEGAN_MS + 60_000 + 10_000
    rows = office.write(from_ms=first_ms, to_ms=first_ms + 2 * 60_000)
    assert [row["order_id"] for row in rows] == ["ord_000001", "ord_000002"]


def test_test_orders_are_left_out_unless_asked_for(office: Office) -> None:
    fill(office, 2, test_mode=True)
    done = write(office.order(), lambda *_: None, lambda: False)
    assert (done.rows, done.left_out) == (0, 2)
    assert {row["mode"] for row in office.write(include_test=True)} == {"test"}


def test_one_site_does_not_show_anothers_orders(office: Office) -> None:
    fill(office, 2)
    assert office.write(site_id="other") == []
    assert len(office.write(site_id="site")) == 2


def test_progress_is_told_up_to_the_last_row(office: Office) -> None:
    fill(office, 600)
    assert len(office.write()) == 600
    assert office.progress == [(250, 600), (500, 600), (600, 600)]


def test_export_that_is_stopped_leaves_no_file(office: Office) -> None:
    fill(office, 3)
    with pytest.raises(ExportStoppedError):
        write(office.order(), lambda *_: None, lambda: True)
    assert list(office.folder.iterdir()) == []


def test_export_without_a_ledger_fails_and_leaves_no_file(office: Office) -> None:
    with pytest.raises(LedgerError):
        write(office.order(), lambda *_: None, lambda: False)
    assert list(office.folder.iterdir()) == []


def test_what_is_written_meanwhile_does_not_disturb_an_export(office: Office) -> None:
    fill(office, 300)

    def sell(seen: int, _total: int) -> None:
        with books(office.ledger) as connection:
            pay(connection, add_order(connection, 1_000 + seen))

    done = write(office.order(), sell, lambda: False)
    assert done.rows == 300
    assert len(office.write()) == 302


def test_old_files_make_room(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_file, "KEEP", 2)
    fill(office, 1)
    for number in range(4):
        office.write(name=f"{number}.csv")
    assert len(list(office.folder.iterdir())) == 2
    assert (office.folder / "3.csv").exists()
