"""What goes wrong inside, as Home Assistant tells it to people."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .bay import (
    NothingToStartError,
    NothingToStopError,
    StartFailedError,
    StopNotStoredError,
    StopRefusedError,
)
from .const import DOMAIN
from .domain.load import NOT_SEEN
from .domain.orders import RUNNING, Order
from .ledger import LedgerError
from .offers import OfferRefusedError
from .printed_qrs import QrRefusedError
from .providers.base import (
    ProviderAuthError,
    ProviderError,
    ProviderFeatureError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

_START_REASONS = frozenset({"no_proof", "offline", "out_of_reach", *NOT_SEEN})
"""Why an order did not start, where there is more to say than the code."""


@contextmanager
def translated_errors(bay: str) -> Iterator[None]:
    """Raise the core's errors about the bay of this name as translated ones."""
    try:
        yield
    except NothingToStartError as err:
        raise mistake("nothing_to_start", bay=bay) from err
    except NothingToStopError as err:
        raise mistake("nothing_to_stop", bay=bay) from err
    except StopRefusedError as err:
        raise mistake("stop_refused", bay=bay) from err
    except OfferRefusedError as err:
        raise mistake(f"offer_{err.reason}", bay=bay) from err
    except QrRefusedError as err:
        raise mistake(f"qr_{err.reason}", bay=bay) from err
    except StartFailedError as err:
        raise _start_failed(bay, err.reason) from err
    except StopNotStoredError as err:
        raise fault("stop_not_stored", bay=bay, error=str(err)) from err
    except LedgerError as err:
        raise fault("ledger_failed", error=str(err)) from err
    except ProviderError as err:
        raise _provider_failed(err) from err


def require_ended(order: Order, bay: str) -> Order:
    """Say what is awaited if a session that was stopped has not ended yet."""
    if order.state in RUNNING:
        raise fault("stop_awaited", bay=bay)
    return order


def mistake(key: str, **placeholders: str) -> ServiceValidationError:
    """Return an error that the caller can avoid."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def fault(key: str, **placeholders: str) -> HomeAssistantError:
    """Return an error that is not the caller's."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def _start_failed(bay: str, reason: str) -> HomeAssistantError:
    if reason in _START_REASONS:
        return fault(f"start_failed_{reason}", bay=bay)
    return fault("start_failed", bay=bay, reason=reason)


def _provider_failed(err: ProviderError) -> HomeAssistantError:
    match err:
        case ProviderAuthError():
            return fault("provider_auth")
        case ProviderUnavailableError():
            return fault("provider_unavailable")
        case ProviderFeatureError():
            return fault("qr_not_enabled")
        case ProviderRefusedError():
            return fault("provider_refused", answer=err.description)
        case _:
            return fault("provider_failed")
