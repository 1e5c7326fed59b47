from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

import orkestr

UTC = timezone.utc
CHICAGO = ZoneInfo("America/Chicago")


def sunday(**more):
    return orkestr.Schedule("America/Chicago", [orkestr.Rule(0, time(15), time(16), capacity=3)], **more)


def test_slots_follow_the_clocks_of_their_zone():
    schedule, now = sunday(), datetime(2025, 3, 1, tzinfo=UTC)
    (slot,) = schedule.slots(datetime(2025, 3, 9, tzinfo=UTC), datetime(2025, 3, 10, tzinfo=UTC), now=now)
    assert slot == orkestr.Slot(datetime(2025, 3, 9, 20, tzinfo=UTC), datetime(2025, 3, 9, 21, tzinfo=UTC), 3, 3)
    assert slot.starts_at.tzinfo == CHICAGO and slot.starts_at.hour == 15
    taken = [orkestr.Occupancy(datetime(2025, 3, 9, 15, 30, tzinfo=CHICAGO), datetime(2025, 3, 9, 16, 30, tzinfo=CHICAGO), 2)]
    assert schedule.slots(datetime(2025, 3, 9, tzinfo=UTC), datetime(2025, 3, 10, tzinfo=UTC), now=now, taken=taken)[0].remaining == 1


def test_exceptions_close_and_open():
    closed = orkestr.AvailabilityException("BLOCK", datetime(2025, 3, 9), datetime(2025, 3, 10))
    opened = orkestr.AvailabilityException("OPEN", datetime(2025, 3, 10, 9), datetime(2025, 3, 10, 11), slot_minutes=60)
    found = sunday(exceptions=[closed, opened]).slots(datetime(2025, 3, 9, tzinfo=UTC), datetime(2025, 3, 11, tzinfo=UTC), now=datetime(2025, 3, 1, tzinfo=UTC))
    assert [slot.starts_at.astimezone(UTC).hour for slot in found] == [14, 15]


def test_what_is_wrong_is_said():
    with pytest.raises(orkestr.Error) as raised:
        orkestr.Schedule("America/Chicago", [orkestr.Rule(9, "15:00", "16:00", slot_minutes=0)])
    assert raised.value.code == "invalid_fields" and raised.value.status == 422
    assert {fault.pointer for fault in raised.value.faults} == {"/rules/0/dayOfWeek", "/rules/0/slotMinutes"}
    with pytest.raises(orkestr.Error, match="range_too_long"):
        sunday().slots(datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="zone"):
        sunday().slots(datetime(2025, 1, 1), datetime(2025, 1, 2))
    with pytest.raises(orkestr.Error, match="not_found"):
        orkestr.engine("nothing")


def test_prices():
    loft = {"title": "Loft", "productTypeKey": "space", "basePriceCents": 12000, "currency": "USD", "taxRateBps": 888}
    start = datetime(2026, 5, 16, 20, tzinfo=UTC)
    now = datetime(2026, 5, 15, 12, tzinfo=UTC)
    assert orkestr.PriceList(loft).quote(start, start + timedelta(hours=4), quantity=2, now=now) == orkestr.Quote(48000, 96000, 0, 8525, 104525, "USD")
    coupon = {"code": "TEN", "kind": "PERCENT", "amount": 10}
    rules = [{"name": "Evening", "when": {"localTimeRange": {"from": "16:00", "to": "24:00"}}, "adjust": {"kind": "PERCENT", "value": 50}}]
    assert orkestr.PriceList(loft, rules).quote(start, start + timedelta(hours=4), now=now).subtotal == 72000
    assert orkestr.PriceList(loft, coupon=coupon).quote(start, start + timedelta(hours=4), quantity=2, now=now).total == 94072
    assert orkestr.engine("quote", offering=loft, startsAt=start, endsAt=start + timedelta(hours=4), quantity=2, now=now, coupon=coupon)["totalCents"] == 94072


def test_functions_by_name():
    start = datetime(2026, 5, 10, 12, tzinfo=UTC)
    assert orkestr.engine("refund_terms", policy={"kind": "FLEXIBLE"}, bookedAt=start - timedelta(days=9), startsAt=start, now=start - timedelta(hours=24))["refundPercent"] == 100
    assert "slots" in orkestr.engine("functions")["functions"]


def test_webhooks():
    headers = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "Webhook-Timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
    at = datetime.fromtimestamp(1614265330, UTC)
    verified = orkestr.verify_webhook(b'{"test": 2432232314}', headers, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now=at)
    assert verified.delivery_id == "msg_p5jXN8AQM9LWM0D4loKWxJek" and verified.sent_at == at
    with pytest.raises(orkestr.Error, match="unauthenticated"):
        orkestr.verify_webhook(b'{"test": 2432232315}', headers, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now=at)
