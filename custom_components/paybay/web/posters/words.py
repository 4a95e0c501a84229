"""A bay's poster in words: what it sells, for whom, and where the code leads."""

from collections.abc import Iterator, Mapping
import re
from urllib.parse import urlsplit

from homeassistant.core import HomeAssistant

from ...bay import Bay
from ...domain.meter import MWH_PER_WH
from ...domain.plans import Plan
from ...public_url import start_url
from ...site import Site
from ..customer import wording
from ..customer.about import About
from ..customer.texts import DEFAULT, Texts, is_known, texts_in
from .content import Content, Price
from .prices import MOST

_UNITS_S = {"s": 1, "m": 60, "h": 3600}
_TIME = re.compile(r"([0-9]{1,5})\s*(s|m|h)(?:|ec|econd|in|inute|r|our)s?\.?")
_STEPS = ("poster_step_1", "poster_step_2", "poster_step_3")


def default_language(hass: HomeAssistant) -> str:
    """Return Home Assistant's language, or English if posters do not speak it."""
    language = hass.config.language.partition("-")[0]
    return language if is_known(language) else DEFAULT


def content_of(
    hass: HomeAssistant, site: Site, bay: Bay, language: str
) -> Content | None:
    """Return what a bay's poster says; None while no customer could open its page."""
    url = start_url(hass, bay.config.id)
    if url is None:
        return None
    t, about = texts_in(language), About.of(hass, site.entry_id)
    prices = tuple(_price(plan, t) for plan in sold(bay, site.plans))
    phone = about.merchant.help_phone or about.merchant.whatsapp
    unseen = len(prices) - MOST
    return Content(
        language=t.language,
        url=url,
        name=bay.config.name,
        place=_place(hass, about),
        headline=t("poster_headline"),
        steps=tuple(t(step) for step in _STEPS),
        opens=t("poster_opens", host=urlsplit(url).netloc),
        prices=prices[:MOST],
        more=t("poster_more", number=t.number(unseen)) if unseen > 0 else "",
        pay_only=t("poster_pay_only", merchant=about.name),
        pay_only_more=t("poster_pay_only_more"),
        help=t("poster_help", phone=phone) if phone else "",
        test=t("poster_test") if site.test_mode else "",
    )


def sold(bay: Bay, plans: Mapping[str, Plan]) -> Iterator[Plan]:
    """Yield the plans that a bay can sell, whatever its state is now."""
    for code in bay.config.plan_codes:
        plan = plans.get(code)
        if plan is None or (plan.energy_wh is not None and not bay.config.metered):
            continue
        if bay.max_ms is None or plan.owed_ms <= bay.max_ms:
            yield plan


def _price(plan: Plan, t: Texts) -> Price:
    time = wording.duration(t, plan.owed_ms)
    if plan.energy_wh is not None:
        energy = wording.energy(plan.energy_wh * MWH_PER_WH)
        time = t("poster_energy", time=time, energy=energy)
    name = "" if _is_only_a_time(plan) else plan.name
    amount = t("free") if plan.free else wording.money(plan.price)
    return Price(buys=time, name=name, amount=amount)


def _is_only_a_time(plan: Plan) -> bool:
    """Whether a plan's name is the time it buys, such as `10 min`, once more."""
    found = _TIME.fullmatch(plan.name.strip().casefold())
    if found is None:
        return False
    return int(found[1]) * _UNITS_S[found[2]] == plan.duration_s


def _place(hass: HomeAssistant, about: About) -> str:
    """Return where the bay is: the first line of the owner's address, or the home."""
    address = about.merchant.address.strip()
    return address.splitlines()[0] if address else hass.config.location_name
