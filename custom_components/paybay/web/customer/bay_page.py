"""What a bay's page shows: values only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from http import HTTPStatus

from ...bay import Face
from ...domain.bay import BayConfig, BayStatus, BusyPolicy, RestPolicy
from ...domain.board import Board, PlanOnOffer
from ...domain.meter import MWH_PER_WH
from ...domain.money import Money
from ...domain.plans import Plan
from ...domain.refunds import MIN_REFUND_MINOR
from . import wording
from .texts import Texts

_NEVER_SOLD = frozenset({"plan_needs_meter", "plan_too_long"})
"""Plans that this bay cannot sell whatever happens: they are not shown."""
_GOOD = frozenset({BayStatus.AVAILABLE, BayStatus.RESERVED})
_CAN_SERVE = _GOOD | {BayStatus.STARTING, BayStatus.CHARGING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A plan as a button; with a `refusal` it is none."""

    code: str
    name: str
    buys: str
    price: str
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BayPage:
    """Everything on a bay's page; without `offers` nothing can be paid there."""

    name: str
    tone: str
    state: str
    lines: tuple[str, ...]
    choose: str
    offers: tuple[Offer, ...]
    promises: tuple[str, ...]
    hours: str | None
    status: HTTPStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When and where somebody looks."""

    now_ms: int
    zone: tzinfo


def bay_page(
    config: BayConfig, face: Face, board: Board, moment: Moment, t: Texts
) -> BayPage:
    """Return what to show of a bay.

    `status` is 503 while the bay serves nobody (closed, broken, out of reach): look
    again later. A bay that is only busy answers 200.
    """
    shown = _shown(board)
    shut = _shut(face, board, shown)
    sells = shut is None and any(each.refusal is None for each in shown)
    offers = tuple(_offer(each, t) for each in shown) if sells else ()
    closed = (t("do_not_pay"),)
    return BayPage(
        name=config.name,
        tone=_tone(face, shut),
        state=t(f"bay_{shut}") if shut else t(f"bay_{face.status}"),
        lines=tuple(_lines(config, face, board, moment, t)) if not shut else closed,
        choose=t("choose_more" if board.busy else "choose"),
        offers=offers,
        promises=tuple(_promises(config, shown, t)) if sells else (),
        hours=wording.hours(t, config.hours) if config.hours else None,
        status=HTTPStatus.SERVICE_UNAVAILABLE if shut else HTTPStatus.OK,
    )


def _shown(board: Board) -> list[PlanOnOffer]:
    return [each for each in board.plans if each.refusal not in _NEVER_SOLD]


def _shut(face: Face, board: Board, shown: list[PlanOnOffer]) -> str | None:
    """Say why nobody is served here now, if that is so."""
    why = why_shut(face, is_open=board.is_open)
    return why or ("closed" if shown and _all(shown, "closed") else None)


def why_shut(face: Face, *, is_open: bool) -> str | None:
    """Say why a bay serves nobody who pays now, if so; its text is `bay_<why>`."""
    if not is_open:
        return "site_closed"
    if not face.in_service:
        return "out_of_service"
    return face.status.value if face.status not in _CAN_SERVE else None


def _all(shown: list[PlanOnOffer], refusal: str) -> bool:
    return all(each.refusal == refusal for each in shown)


def _tone(face: Face, shut: str | None) -> str:
    if shut:
        return "bad"
    return "good" if face.status in _GOOD else "wait"


def _lines(
    config: BayConfig, face: Face, board: Board, moment: Moment, t: Texts
) -> Iterator[str]:
    """Yield what there is to say of a bay that serves people now."""
    shown = _shown(board)
    if face.ends_ms is not None:
        yield t("busy_until", time=_time(moment.now_ms + board.ahead_ms, moment, t))
    if board.busy and config.busy is BusyPolicy.REFUND:
        yield t("busy_refused")
    elif not shown:
        yield t("no_plans")
    elif reason := next((r for r in ("queue_full", "daily_cap") if _all(shown, r)), ""):
        yield t(reason)
    elif all(each.refusal for each in shown):
        yield refusal_text(shown[0].refusal or "", t)
    elif board.busy:
        yield t("top_up")


def _time(at_ms: int, moment: Moment, t: Texts) -> str:
    return wording.time_of(t, at_ms, moment.now_ms, moment.zone)


def refusal_text(reason: str, t: Texts) -> str:
    """Return why an order is refused, as its customer reads it."""
    key = f"refused_{reason}"
    if t.has(key):
        return t(key)
    return (
        t(reason) if t.has(reason) and reason.startswith("bay_") else t("refused_other")
    )


def _offer(offered: PlanOnOffer, t: Texts) -> Offer:
    plan = offered.plan
    return Offer(
        code=plan.code,
        name=plan.name,
        buys=buys(plan, t),
        price=t("free") if plan.free else wording.money(plan.price),
        refusal=refusal_text(offered.refusal, t) if offered.refusal else None,
    )


def buys(plan: Plan, t: Texts) -> str:
    """Return what a plan's price buys."""
    time = wording.duration(t, plan.owed_ms)
    if plan.energy_wh is None:
        return t("plan_time", time=time)
    energy = wording.energy(plan.energy_wh * MWH_PER_WH)
    return t("plan_energy", time=time, energy=energy)


def _promises(config: BayConfig, shown: list[PlanOnOffer], t: Texts) -> Iterator[str]:
    yield t("promise_start", time=wording.duration(t, config.start_window_s * 1000))
    yield t("promise_resume", time=wording.duration(t, config.resume_window_s * 1000))
    keeps = config.rest is RestPolicy.KEEP
    yield t("promise_keep" if keeps else "promise_rest")
    if not config.customer_stop:
        yield t("promise_no_stop")
    if any(each.plan.energy_wh for each in shown):
        yield t("promise_energy")
    currency = next((each.plan.price.currency for each in shown), "INR")
    minimum = wording.money(Money(MIN_REFUND_MINOR, currency))
    yield t("promise_refund", minimum=minimum)
