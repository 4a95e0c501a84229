"""What is wrong with a purchase, in plain words."""

from .bays import AnyBay, BaySpec, Starter
from .books import Row
from .home import RefusedError
from .receipt import Purchase
from .running import RunningSite
from .till import Attempt


class CheckError(Exception):
    """A purchase did not go as it should; the text says why."""


async def refused(site: RunningSite, bay: AnyBay, error: RefusedError) -> CheckError:
    """Return the error for an order that PayBay did not take."""
    links = len((await site.till.books())["links"])
    money = f"with {links} links open" if links else "before any money moved"
    status = site.home.states[bay.status].value
    return CheckError(
        f"{bay.name}: PayBay refused the order {money} ({error}); the bay is {status}"
    )


def forged(site: RunningSite, purchase: Purchase, attempt: Attempt) -> CheckError:
    """Return the error for a webhook that PayBay took for a forgery."""
    state = site.books.order(purchase.order_id)["state"]
    return CheckError(
        f"{purchase.bay.name}: PayBay answered {attempt.status} to the webhook"
        f" {attempt.event}: it knows another webhook secret than the provider signs"
        f" with; the order was never paid (it is {state})"
    )


def dark(site: RunningSite, purchase: Purchase, bay: AnyBay) -> CheckError:
    """Return the error for a pin that stayed low."""
    events = site.home.events[purchase.event_number :]
    believed = any(event.shows(bay.status, "charging") for event in events)
    others = other_pins(site, purchase, bay)
    return CheckError(
        f"{bay.name}: the relay never came on: GPIO {bay.pin} stayed low after the"
        f" payment; {f'{others} went high instead' if others else 'so did all others'};"
        f" Home Assistant {'took it for' if believed else 'did not show'} charging"
    )


def wrong_time(purchase: Purchase, on_s: float) -> CheckError:
    """Return the error for a session that was too short or too long."""
    return CheckError(
        f"{purchase.bay.name}: {purchase.plan.seconds} s were paid for,"
        f" the relay was on for {on_s:.3f} s"
    )


def other_pins(site: RunningSite, purchase: Purchase, bay: AnyBay) -> str:
    """Return the other pins that went high since the purchase began."""
    since_s = purchase.began_mono_s
    changed = (c.pin for c in site.recorder.changes if c.high and c.mono_s >= since_s)
    pins = sorted({pin for pin in changed if pin != bay.pin})
    return ", ".join(f"GPIO {pin}" for pin in pins)


def automation_behind(site: RunningSite, purchase: Purchase, target: str) -> str | None:
    """Return the automation that turned on an entity, by the state's own context."""
    events = site.home.events[purchase.event_number :]
    runs = {
        event.context: str(event.data["entity_id"])
        for event in events
        if event.kind == "automation_triggered"
    }
    turned_on = (e.state.context for e in events if e.state and e.shows(target, "on"))
    return runs.get(next(turned_on, ""))


def starter(site: RunningSite, purchase: Purchase, closed: Row) -> str:
    """Return who started the order; raise CheckError if it was not who should."""
    bay = purchase.bay
    if not isinstance(bay, BaySpec) or bay.starter is Starter.PAYBAY:
        return "PayBay itself"
    behind = automation_behind(site, purchase, bay.target)
    if behind == bay.automation and closed["claimed_by"] in ("switch", "relay"):
        return behind
    after_s = purchase.moments[f"GPIO {bay.pin} high"] - purchase.moments["paid"]
    raise CheckError(
        f"{bay.name}: {bay.automation} did not start the order; PayBay's own"
        f" {closed['claimed_by']} did, {after_s:.1f} s after the payment"
    )
