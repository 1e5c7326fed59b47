from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Iterable, Mapping, Optional, Sequence, Union
from zoneinfo import ZoneInfo

from . import _native

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MS = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a datetime without a zone names no moment: give it a tzinfo")
    return (at - _EPOCH) // _MS


def from_ms(ms: int, zone: Any = timezone.utc) -> datetime:
    return (_EPOCH + ms * _MS).astimezone(zone)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _plain(value: Any) -> Any:
    """What JSON has no word for, as the REST API writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M") if value.tzinfo is None else value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


def dumps(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def engine(function: str, /, **inputs: Any) -> Any:
    """A pure function of the engine by its name, such as ``refund_terms`` or ``risk``; fields have the names of the REST API.

    >>> engine("refund_terms", policy={"kind": "STRICT"}, bookedAt=booked, startsAt=start, now=now)["refundPercent"]
    """
    return json.loads(_native.engine(function, dumps(inputs)))


@dataclass(frozen=True)
class Rule:
    """A weekly window, cut into slots. ``day_of_week``: 0 is Sunday. An end at or before the start is on the next day."""

    day_of_week: int
    start_time: Union[time, str]
    end_time: Union[time, str]
    slot_minutes: int = 60
    capacity: int = 1
    step_minutes: Optional[int] = None
    valid_from: Optional[date] = None
    valid_until: Optional[date] = None

    def _json(self) -> dict[str, Any]:
        return {"dayOfWeek": self.day_of_week, "startTime": self.start_time, "endTime": self.end_time, "slotMinutes": self.slot_minutes,
                "capacity": self.capacity, "stepMinutes": self.step_minutes, "validFrom": self.valid_from, "validUntil": self.valid_until}


@dataclass(frozen=True)
class Exception_:
    """``BLOCK`` removes every slot that it overlaps, ``OPEN`` adds a window. Its times are wall times of the schedule's zone: naive."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    slot_minutes: Optional[int] = None
    step_minutes: Optional[int] = None
    capacity: Optional[int] = None

    def _json(self) -> dict[str, Any]:
        return {"kind": self.kind, "startsAt": self.starts_at, "endsAt": self.ends_at, "slotMinutes": self.slot_minutes,
                "stepMinutes": self.step_minutes, "capacity": self.capacity}


@dataclass(frozen=True)
class Occupancy:
    """What is taken already."""

    starts_at: datetime
    ends_at: datetime
    quantity: int = 1
    held: bool = False


@dataclass(frozen=True)
class Slot:
    """What can be booked; its times are in the schedule's zone."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    remaining: int


class Schedule:
    """When something can be booked. Immutable."""

    def __init__(self, time_zone: str, rules: Iterable[Rule], exceptions: Iterable[Exception_] = (), *, buffer_before_minutes: int = 0,
                 buffer_after_minutes: int = 0, min_notice_minutes: int = 0, max_advance_days: int = 365) -> None:
        self.zone = ZoneInfo(time_zone)
        self._native = _native.Schedule(dumps({
            "timeZone": time_zone, "rules": [rule._json() for rule in rules], "exceptions": [one._json() for one in exceptions],
            "bufferBeforeMinutes": buffer_before_minutes, "bufferAfterMinutes": buffer_after_minutes,
            "minNoticeMinutes": min_notice_minutes, "maxAdvanceDays": max_advance_days}))

    def slots(self, start: datetime, end: datetime, *, taken: Sequence[Occupancy] = (), now: Optional[datetime] = None,
              provider: bool = False) -> list[Slot]:
        """Slots that start in the half-open range, at most 366 days; for customers those that they may take ``now``."""
        found = self._native.slots(to_ms(start), to_ms(end), to_ms(now or _now()),
                                   [(to_ms(one.starts_at), to_ms(one.ends_at), one.quantity, one.held) for one in taken], provider)
        return [Slot(from_ms(begin, self.zone), from_ms(finish, self.zone), capacity, remaining) for begin, finish, capacity, remaining in found]


@dataclass(frozen=True)
class Quote:
    """In the minor unit of the currency."""

    unit: int
    subtotal: int
    discount: int
    tax: int
    total: int
    currency: str


class PriceList:
    """What an offering costs. Takes the fields of the REST API's offering, pricing rules and coupon. Immutable."""

    def __init__(self, offering: Mapping[str, Any], pricing_rules: Sequence[Mapping[str, Any]] = (), coupon: Optional[Mapping[str, Any]] = None) -> None:
        given: dict[str, Any] = {"offering": offering, "pricingRules": list(pricing_rules)}
        if coupon is not None:
            given["coupon"] = coupon
        self._native = _native.PriceList(dumps(given))

    def quote(self, start: datetime, end: datetime, *, quantity: int = 1, now: Optional[datetime] = None, taken: int = 0, capacity: int = 0,
              customer_redemptions: int = 0) -> Quote:
        return Quote(*self._native.quote(to_ms(start), to_ms(end), to_ms(now or _now()), quantity, taken, capacity, customer_redemptions))


@dataclass(frozen=True)
class VerifiedWebhook:
    delivery_id: str
    event: str
    sent_at: datetime


def verify_webhook(body: bytes, headers: Union[Mapping[str, str], Iterable[tuple[str, str]]], secrets: Union[str, Sequence[str]], *,
                   now: Optional[datetime] = None, tolerance: timedelta = timedelta(minutes=5)) -> VerifiedWebhook:
    """Checks a delivery by its bytes and its headers, against any of the secrets. Raises Error: ``unauthenticated``, ``invalid_header``."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    answer = json.loads(_native.verify_webhook(body, [(str(name), str(value)) for name, value in pairs],
                                               [secrets] if isinstance(secrets, str) else list(secrets), to_ms(now or _now()),
                                               max(1, tolerance // _MS)))
    return VerifiedWebhook(answer["deliveryId"], answer["event"], datetime.fromisoformat(answer["sentAt"].replace("Z", "+00:00")))
