"""`script/demo --check`: one purchase for each bay, with the proof of it."""

from .breaks import Break
from .purchase import buy, on_seconds
from .receipt import Purchase
from .running import RunningSite
from .verdict import CheckError, starter
from .waiting import LateError

AVAILABLE_WITHIN_S = 10.0


async def check(site: RunningSite, broken: Break | None = None) -> int:
    """Buy once at each bay and print what happened; return the exit code."""
    try:
        if broken is not None:
            await broken.prepare(site)
        for bay in site.spec.bays:
            await _check_bay(site, bay.number)
    except (CheckError, LateError) as error:
        print(f"FAILED: {error}", flush=True)
        return 1
    print("all bays sold what was paid for")
    return 0


async def _check_bay(site: RunningSite, number: int) -> None:
    bay, plan = site.spec.bay(number), site.spec.plans[0]
    # A bay that is not available says why when it is asked for an order.
    await site.home.settle(bay.status, "available", within_s=AVAILABLE_WITHIN_S)
    purchase, closed = await buy(site, bay, plan)
    who = starter(site, purchase, closed)
    print(f"\n{bay.name} on GPIO {bay.pin}: {plan.name} for INR {plan.rupees}")
    print(timeline(purchase))
    lasted = f"on for {on_seconds(site, purchase):.3f} s of {plan.seconds} s paid"
    print(f"   {lasted}; started by {who}", flush=True)


def timeline(purchase: Purchase) -> str:
    """Return the moments in their order, in milliseconds from the payment."""
    paid = purchase.moments["paid"]
    moments = sorted(purchase.moments.items(), key=lambda item: item[1])
    return "\n".join(f"{(at - paid) * 1000:+8.0f} ms  {what}" for what, at in moments)
