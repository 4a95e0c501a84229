"""Making a printed QR code: the ledger knows it before the provider is asked."""

from collections.abc import Mapping, Sequence

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..domain.ids import new_qr_key
from ..domain.notices import QrFact
from ..domain.plans import Plan
from ..domain.qr_codes import QrCode, QrState, QrTag
from ..ledger import Ledger, qr_codes
from ..providers.base import (
    Capability,
    PaymentProvider,
    ProviderRefusedError,
    QrRequest,
)

_THEIR_FAULT = 500


class QrRefusedError(Exception):
    """There can be no such code.

    `reason`: `plan_not_offered`, `plan_free`, `nothing_for_sale`, `not_printed` or
    `not_possible` (with this payment company).
    """

    def __init__(self, reason: str) -> None:
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


class QrMaker:
    """Has codes made for one site's bays."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        plans: Mapping[str, Plan],
    ) -> None:
        """`plans` are the site's, by code."""
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._provider = provider
        self._plans = plans

    def plan(self, bay: BayConfig, plan_code: str | None) -> Plan | None:
        """Return what a code is to promise, None for any amount.

        Raise QrRefusedError.
        """
        if Capability.PRINTED_QR not in self._provider.capabilities:
            raise QrRefusedError("not_possible")
        offered = [self._plans[c] for c in bay.plan_codes if c in self._plans]
        if plan_code is None:
            if all(plan.free for plan in offered):
                raise QrRefusedError("nothing_for_sale")
            return None
        plan = next((plan for plan in offered if plan.code == plan_code), None)
        if plan is None:
            raise QrRefusedError("plan_not_offered")
        if plan.free:
            raise QrRefusedError("plan_free")
        return plan

    async def make(
        self, bay: BayConfig, plan: Plan | None, alike: Sequence[QrCode]
    ) -> QrCode:
        """Make a code, or find the one that was asked for before without an answer."""
        asked = (qr for qr in alike if qr.state is QrState.ASKED)
        qr = next((qr for qr in asked if promises(qr, plan)), None)
        fact = None
        if qr is not None:
            fact = await self._provider.find_qr(key=qr.key)
        else:
            qr = await self._begin(bay, plan)
        fact = fact or await self._create(qr)
        return await self._ledger.run(lambda c: qr_codes.made(c, qr.key, fact))

    async def _begin(self, bay: BayConfig, plan: Plan | None) -> QrCode:
        qr = QrCode(
            key=new_qr_key(),
            site_id=self._site_id,
            bay_id=bay.id,
            bay_name=bay.name,
            state=QrState.ASKED,
            created_ms=self._clock.now_ms(),
            test_mode=self._provider.test_mode,
            plan_code=plan.code if plan else None,
            plan_name=plan.name if plan else None,
            price=plan.price if plan else None,
            owed_ms=plan.owed_ms if plan else None,
            energy_wh=plan.energy_wh if plan else None,
        )
        await self._ledger.run(lambda c: qr_codes.add(c, qr))
        return qr

    async def _create(self, qr: QrCode) -> QrFact:
        words = [qr.bay_name, qr.plan_name]
        request = QrRequest(
            tag=QrTag(key=qr.key, bay_id=qr.bay_id, site_id=qr.site_id),
            name=f"PayBay {qr.bay_name}",
            description=": ".join(word for word in words if word),
            amount=qr.price,
            notes={"bay": qr.bay_name},
        )
        try:
            return await self._provider.create_qr(request)
        except ProviderRefusedError as err:
            # After a fault on their side it may exist all the same.
            if err.status < _THEIR_FAULT:
                await self._ledger.run(lambda c: qr_codes.forget(c, qr.key))
            raise


def promises(qr: QrCode, plan: Plan | None) -> bool:
    """Return whether a code says what its plan says today."""
    if plan is None:
        return qr.price is None
    today = plan.price, plan.owed_ms, plan.energy_wh
    return (qr.price, qr.owed_ms, qr.energy_wh) == today
