"""Orkestr: slots, prices, and a whole booking platform inside your process.

Times are aware ``datetime`` objects, amounts are whole numbers in the minor unit of their currency, and what is wrong is raised as
:class:`Error` with the code of the REST API. Everything may be called from any thread; the interpreter is free meanwhile.
"""

from __future__ import annotations

from ._engine import (
    Exception_ as AvailabilityException,
    Occupancy,
    PriceList,
    Quote,
    Rule,
    Schedule,
    Slot,
    VerifiedWebhook,
    engine,
    verify_webhook,
)
from ._error import Error, Fault
from ._mount import asgi, wsgi
from ._platform import Platform, Response
from ._native import version as _version

__version__: str = _version()

__all__ = [
    "AvailabilityException", "Error", "Fault", "Occupancy", "Platform", "PriceList", "Quote", "Response", "Rule", "Schedule", "Slot",
    "VerifiedWebhook", "asgi", "engine", "verify_webhook", "wsgi",
]
