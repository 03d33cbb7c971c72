from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain.events import (
    EVENT_KINDS,
    DeskReconciled,
    NoticeRaised,
    ProposalApproved,
    RiskJudged,
)
from allusedesk.domain.identifiers import ApprovalId, ProposalId
from allusedesk.domain.inputs import (
    Answer,
    BrokerReported,
    CapitalDeposited,
    MarketSampled,
    OperatorDecided,
    WeekPlanned,
)
from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import OptionsAssigned, OptionsExpired, OrderCancelled
from allusedesk.domain.quotes import Greeks, MarketSnapshot, Quote
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.journal import codec
from allusedesk.journal.codec import decode, encode, version_of
from allusedesk.journal.faults import EntryUnreadable, EventUnwritable
from tests.journal.events_at_random import EVENTS, values

NONE = Money(Decimal(0))
AT = datetime(2026, 2, 12, 15, 0, 0, 250, tzinfo=UTC)
PUT = OptionContract("AAPL", date(2026, 2, 13), Right.PUT, Decimal(260))


@pytest.mark.parametrize("kind", EVENT_KINDS, ids=lambda kind: kind.__name__)
@given(chance=st.data())
@settings(max_examples=8)
def test_every_event_comes_back_equal_and_is_written_the_same_again(
    kind: type, chance: st.DataObject
) -> None:
    event = chance.draw(values(kind))
    written = encode(event)
    again = decode(*written)
    assert again == event
    assert encode(again) == written
    assert written[2].isascii()
    assert "\n" not in written[2]


@pytest.mark.parametrize("kind", [MarketSampled, RiskJudged], ids=lambda kind: kind.__name__)
@given(chance=st.data())
@settings(max_examples=20)
def test_without_chains_only_the_chains_of_a_sample_are_missing(
    kind: type, chance: st.DataObject
) -> None:
    event = chance.draw(values(kind))
    found = decode(*encode(event), with_chains=False)
    if isinstance(event, MarketSampled):
        event = replace(event, snapshot=replace(event.snapshot, chains=()))
    assert found == event


def test_reports_of_earlier_records_are_read_without_what_was_added() -> None:
    body = '{"notice":"N1","contract":"AAPL260213P00260000","quantity":2}'
    read = decode("BrokerReported", 1, f'{{"report":["OptionsAssigned",{body}]}}')
    assert read == BrokerReported(OptionsAssigned("N1", PUT, 2))
    old = decode("BrokerReported", 1, '{"report":["OrderCancelled",{"order":"O1"}]}')
    assert old == BrokerReported(OrderCancelled("O1", 0))
    body = '{"notice":"E1","contract":"AAPL260213P00260000","quantity_signed":-2}'
    for version in (1, 2):
        read = decode("BrokerReported", version, f'{{"report":["OptionsExpired",{body}]}}')
        assert read == BrokerReported(OptionsExpired("E1", PUT, -2))


def test_weeks_of_earlier_records_were_quoted_throughout() -> None:
    session = Session(date(2026, 2, 9), AT, AT)
    event = WeekPlanned(TradingWeek(2026, 7, (session,), session.date), session, (AT,))
    kind, version, body = encode(event)
    assert version == 2
    old = body.replace(',"quoted_at":null', "")
    assert old != body
    assert decode(kind, 1, old) == event
    rare = replace(session, quoted_at=(AT,))
    again = replace(event, week=replace(event.week, sessions=(rare,)))
    assert decode(*encode(again)) == again


def test_values_have_one_exact_spelling() -> None:
    event = BrokerReported(OptionsExpired("E1", PUT, -2))
    assert encode(event) == (
        "BrokerReported",
        3,
        (
            '{"report":["OptionsExpired",'
            '{"notice":"E1","contract":"AAPL260213P00260000","quantity_signed":-2,"reason":""}]}'
        ),
    )
    deposit = CapitalDeposited("F1", Money(Decimal("300000.10")), date(2026, 2, 9))
    assert encode(deposit)[2] == '{"family":"F1","amount":"300000.10","on":"2026-02-09"}'
    assert encode(DeskReconciled(AT, 0))[2] == (
        '{"as_of":"2026-02-12T15:00:00.000250Z","differences":0}'
    )


def test_a_quote_is_a_row_in_the_order_of_its_class() -> None:
    greeks = Greeks(-0.42, 0.05, -0.11, 0.08, 0.31)
    quote = Quote(PUT, Price(Decimal("1.20")), None, None, AT, True, greeks, 800, 120, False)
    body = encode(MarketSampled("A1", MarketSnapshot(AT, held=(quote,), rate=0)))[2]
    content = json.loads(body)["snapshot"]
    sides = ["AAPL260213P00260000", "1.20", None, None]
    figures = [[-0.42, 0.05, -0.11, 0.08, 0.31], 800, 120.0, False]
    assert content["held"] == [[*sides, "2026-02-12T15:00:00.000250Z", True, *figures]]
    assert '"rate":0.0' in body


def sampled(quote: Quote) -> MarketSampled:
    return MarketSampled("A1", MarketSnapshot(AT, held=(quote,)))


QUOTE = Quote(Stock("SPY"), None, None, None, AT)
HUGE = OptionContract("AAPL", date(2026, 2, 13), Right.PUT, Decimal(100_000))
FINE = OptionContract("AAPL", date(2026, 2, 13), Right.PUT, Decimal("1.00001"))
ODD = OptionContract("lower", date(2026, 2, 13), Right.PUT, Decimal(1))
OLD = OptionContract("AAPL", date(1999, 2, 13), Right.PUT, Decimal(1))


@pytest.mark.parametrize(
    "event",
    [
        sampled(replace(QUOTE, volume_average=float("nan"))),
        sampled(replace(QUOTE, greeks=Greeks(float("inf"), 0.0, 0.0, 0.0, 0.0))),
        MarketSampled("A1", MarketSnapshot(AT, rate=float("nan"))),
        MarketSampled("A1", MarketSnapshot(AT.replace(tzinfo=None))),
        sampled(replace(QUOTE, instrument=HUGE)),
        sampled(replace(QUOTE, instrument=FINE)),
        sampled(replace(QUOTE, instrument=ODD)),
        sampled(replace(QUOTE, instrument=OLD)),
        CapitalDeposited("F1", Money(Decimal(1)), AT),
        CapitalDeposited("F1", None, date(2026, 2, 9)),  # type: ignore[arg-type]
        DeskReconciled(AT, Decimal(1)),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_recorded_exactly_is_refused(event: Any) -> None:
    with pytest.raises(EventUnwritable, match="cannot be recorded"):
        encode(event)


@pytest.mark.parametrize(
    ("kind", "version", "body", "says"),
    [
        ("Surprise", 1, "{}", "no kind of entry"),
        ("NoticeRaised", 2, "{}", "not known here"),
        ("NoticeRaised", 0, "{}", "not known here"),
        ("NoticeRaised", 1, "{}", "does not describe one"),
        ("NoticeRaised", 1, "[", "does not describe one"),
        ("NoticeRaised", 1, "[" * 100_000, "does not describe one"),
        ("NoticeRaised", 1, '{"severity":"note","subject":1,"text":""}', "does not describe one"),
        ("AlarmsDropped", 1, '{"alarms":"abc"}', "does not describe one"),
        ("DeskReconciled", 1, '{"as_of":"2026-02-12T15:00:00","differences":0}', "no instant"),
        ("DeskReconciled", 1, '{"as_of":NaN,"differences":0}', "no finite number"),
        ("BrokerReported", 1, '{"report":["NoticeRaised",{}]}', "does not describe one"),
        ("BrokerReported", 1, '{"report":[[],{}]}', "does not describe one"),
        ("OperatorDecided", 1, '{"proposal":"","answer":[],"operator":"","reason":""}', "not"),
        (
            "BrokerReported",
            1,
            '{"report":["OptionsExpired",{"notice":"","contract":"stock:A","quantity_signed":1}]}',
            "no option",
        ),
    ],
)
def test_a_text_that_is_no_entry_is_refused_in_a_sentence(
    kind: str, version: int, body: str, says: str
) -> None:
    with pytest.raises(EntryUnreadable, match=says):
        decode(kind, version, body)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(event=EVENTS, chance=st.data())
@settings(max_examples=80)
def test_any_other_text_gives_an_event_or_a_sentence(event: Any, chance: st.DataObject) -> None:
    kind, version, body = encode(event)
    content = json.loads(body)
    if content:
        content[chance.draw(st.sampled_from(sorted(content)))] = chance.draw(JSON)
    cut = chance.draw(st.integers(0, len(body)))
    junk = chance.draw(st.text(max_size=3))
    for text in (json.dumps(content), body[:cut], body[:cut] + junk + body[cut + 1 :], junk):
        with suppress(EntryUnreadable):
            decode(kind, version, text)


def test_an_older_version_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(codec.VERSIONS, "NoticeRaised", 3)
    monkeypatch.setitem(codec.UPGRADES, ("NoticeRaised", 1), lambda old: {**old, "subject": "desk"})
    monkeypatch.setitem(codec.UPGRADES, ("NoticeRaised", 2), lambda old: {**old, "text": "new"})
    first = '{"severity":"note"}'
    assert decode("NoticeRaised", 1, first) == NoticeRaised("note", "desk", "new")
    assert encode(NoticeRaised("note", "desk", "new"))[1] == 3


@pytest.mark.parametrize(
    ("event", "added"),
    [
        (
            OperatorDecided(ProposalId("P1"), Answer.APPROVE, "anna", "yes"),
            ("seen", "quantity", "limit", "countersigns"),
        ),
        (
            ProposalApproved(ProposalId("P1"), ApprovalId("A1"), "anna", AT, AT),
            ("quantity", "limit", "seen", "countersigned_by"),
        ),
        (
            RiskJudged(ProposalId("P1"), (), (), NONE, (), (), NONE, NONE, NONE),
            ("greeks", "alternatives", "look"),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_question_of_an_older_journal_is_read_as_before(
    event: Any, added: tuple[str, ...]
) -> None:
    kind, version, body = encode(event)
    content = json.loads(body)
    for name in added:
        del content[name]
    assert version == version_of(kind) > 1
    assert decode(kind, 1, json.dumps(content)) == event


@pytest.mark.parametrize(
    ("event", "added"),
    [
        (OperatorDecided(ProposalId("P1"), Answer.APPROVE, "anna", "yes"), "countersigns"),
        (ProposalApproved(ProposalId("P1"), ApprovalId("A1"), "anna", AT, AT), "countersigned_by"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_answer_from_before_two_had_to_sign_stands_alone(event: Any, added: str) -> None:
    kind, _, body = encode(event)
    content = json.loads(body)
    del content[added]
    assert decode(kind, 2, json.dumps(content)) == event
