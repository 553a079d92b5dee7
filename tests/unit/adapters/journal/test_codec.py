import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given

from reconciler.adapters.journal import codec
from reconciler.domain.errors import InvariantBroken, Refused
from reconciler.domain.orders import OrderIntent, Report
from tests.unit.adapters.journal.records import NOW, ONE_OF_EACH, an_order_intent, moments, order_intents, reports


@given(reports)
def test_a_report_comes_back_as_it_was(report: Report) -> None:
    assert codec.load_report(codec.dump_report(report)) == report


@given(order_intents)
def test_an_intent_comes_back_as_it_was(intent: OrderIntent) -> None:
    assert codec.load_intent(codec.dump_intent(intent)) == intent


@given(moments)
def test_a_moment_comes_back_as_it_was(moment: datetime) -> None:
    loaded = codec.load_moment(codec.dump_moment(moment))
    assert (loaded, loaded.utcoffset()) == (moment, timedelta(0))


def test_every_kind_of_report_is_among_the_samples() -> None:
    assert {type(report) for report in ONE_OF_EACH} == set(get_args(Report))


@pytest.mark.parametrize("digits", ["1.10", "1E+3", "-0", "1E-20", "123456789012345678901234567890.5"])
def test_a_decimal_keeps_its_digits(digits: str) -> None:
    loaded = codec.load_intent(codec.dump_intent(an_order_intent(quantity=Decimal(digits))))
    assert str(loaded.quantity) == digits


def test_a_moment_of_another_zone_is_kept_in_utc() -> None:
    moment = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert codec.dump_moment(moment) == "2026-03-02T15:00:00.123456+00:00"


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvariantBroken, match="no time zone"):
        codec.dump_moment(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"kind": "telepathy"}', '{"kind": "status"}', '{"kind": []}']
)
def test_a_report_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        codec.load_report(text)


@pytest.mark.parametrize("changes", [{"quantity": "many"}, {"side": "HOLD"}, {"notional": "12 USD"}])
def test_an_intent_that_is_none_is_refused(changes: dict[str, str]) -> None:
    fields = json.loads(codec.dump_intent(an_order_intent()))
    with pytest.raises(Refused, match="cannot be read"):
        codec.load_intent(json.dumps({**fields, **changes}))


WRITTEN_BY_0_1 = (
    '{"kind": "status", "ref": "folioctl:0123456789ab:007r:1", "perm_id": 1, "status": "Submitted", "filled": "0", '
    '"remaining": "23.00", "why_held": "locate"}',
    '{"kind": "status", "ref": null, "perm_id": 1, "status": "PreSubmitted", "filled": null, "remaining": null, '
    '"why_held": ""}',
    '{"kind": "execution", "ref": "folioctl:0123456789ab:007r:1", "perm_id": 1, "con_id": 272093, "side": "SELL", '
    '"exec_id": "0001f4e8.01", "shares": "20", "price": "401.5", "time": "2026-03-02T15:00:00.123456+00:00"}',
    '{"kind": "commission", "exec_id": "0001f4e8.01", "commission": {"amount": "1.0000", "currency": "USD"}}',
    '{"kind": "completed", "ref": "folioctl:0123456789ab:007r:1", "perm_id": 1, "status": "Cancelled", "filled": "20", '
    '"detail": "by the trader"}',
    '{"kind": "error", "ref": "folioctl:0123456789ab:007r:1", "code": 2109, '
    '"text": "outside of regular trading hours"}',
    '{"kind": "evidence", "traces": ["folioctl:0123456789ab:007r:1", "folioctl:x:001r:1"], '
    '"read_at": "2026-03-02T15:00:00.123456+00:00", "session_since": "2026-03-02T15:00:00.123456+00:00"}',
)


@pytest.mark.parametrize(("text", "report"), list(zip(WRITTEN_BY_0_1, ONE_OF_EACH, strict=True)))
def test_a_journal_of_the_first_version_stays_readable(text: str, report: Report) -> None:
    assert codec.load_report(text) == report
    assert codec.dump_report(report) == text


def test_an_intent_of_the_first_version_knows_no_conversions() -> None:
    text = (
        '{"line": 7, "instrument": "MSFT", "con_id": 272093, "side": "SELL", "quantity": "23", "reduces_risk": true, '
        '"reference_price": "401.50", "notional": {"amount": "9234.50", "currency": "USD"}}'
    )
    assert codec.load_intent(text) == an_order_intent(converts=False)
