"""Section 15 for classic, entries and orders: checks A1, A1d, A10, A11 and A13."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import (
    BrokerReported,
)
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Price
from allusedesk.domain.orders import (
    LinkChanged,
)
from allusedesk.domain.proposals import ProposalKind
from allusedesk.risk.limits import Standing, judge
from tests import trading
from tests.acceptance.desks import (
    COM,
    F1_REV,
    FRIDAY,
    GEN,
    MONDAY,
    REV,
    TUESDAY,
    WEDNESDAY,
    proposals,
    refusals,
    rules_refused,
    sound,
    stage,
)
from tests.acceptance.stage import at


def test_a1_the_same_cycle_again_makes_no_second_order() -> None:
    desk = stage({GEN: (), REV: ("AAPL", "IBM"), COM: ()})
    # No put of IBM can be sold at first, so its looks go on after AAPL was entered.
    for strike in range(60, 140):
        contract = OptionContract("IBM", FRIDAY, Right.PUT, Decimal(strike))
        desk.special[contract] = {"open_interest": 0}
    desk.when(at(TUESDAY, "12:00"), desk.special.clear)
    desk.play(at(WEDNESDAY, "15:30"))

    looks = [entry for entry in desk.entries(ev.EntriesWeighed) if entry.event.account == F1_REV]
    entered = [p.legs[0].instrument.underlying for p in proposals(desk, ProposalKind.ENTRY)]
    assert len(looks) > 1
    assert sorted(entered) == ["AAPL", "IBM"]
    assert "cycle.entered" in rules_refused(desk)


def test_a1d_a_lot_beyond_the_cap_is_unaffordable_and_its_money_goes_to_the_others() -> None:
    desk = stage({GEN: (), REV: ("AAPL", "IBM"), COM: ()}, spots={"AAPL": "100", "IBM": "480"})
    desk.play(at(MONDAY, "11:00"))

    told = [item for item in refusals(desk) if item.rule == "lot.unaffordable"]
    [entry] = proposals(desk, ProposalKind.ENTRY)
    assert told[0].candidate.startswith("IBM")
    assert "sleeve of" in told[0].reason or "sleeve" in told[0].reason
    assert entry.legs[0].instrument.underlying == "AAPL"
    # Half the sleeve's deployment would buy four lots; alone the symbol gets up to the issuer cap.
    assert entry.quantity > 4


@pytest.mark.parametrize(("contracts", "passes"), [(100, True), (101, False)])
def test_a10_an_opening_is_at_most_a_tenth_of_average_volume(contracts: int, passes: bool) -> None:
    contract = trading.put(strike=20)
    seen = trading.quote(contract, "0.98", "1.02", volume_average=1000.0)
    wanted = trading.proposal(
        trading.sell(contract),
        quantity=contracts,
        credit_net=trading.price("1.00"),
        spot=Price(Decimal(21)),
    )
    view = trading.view(book=trading.funded_book(1_000_000))
    verdict = judge(
        wanted,
        trading.funded_book(1_000_000),
        Standing(view),
        trading.snapshot(seen, spot="21"),
        trading.classic(),
    )

    assert verdict.passed is passes
    assert passes or verdict.rule == "liquidity.size"


@pytest.mark.parametrize(
    ("figure", "good", "bad", "rule"),
    [
        ("open_interest", 500, 499, "liquidity.open_interest"),
        ("volume", 100.0, 99.0, "liquidity.volume"),
        ("half_spread", Decimal("0.025"), Decimal("0.0275"), "liquidity.spread"),
    ],
)
def test_a10_openings_are_refused_beyond_each_gate_and_closes_only_warned(
    figure: str, good: Any, bad: Any, rule: str
) -> None:
    outcomes = {}
    for value in (good, bad):
        desk = stage({GEN: (), REV: ("AAPL",), COM: ()}, capital=100_000)
        # A mid of one dollar makes 5% of it, or one tick, the limit of the spread: 0.05.
        contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(99))
        for strike in range(70, 131):
            each = replace(contract, strike=Decimal(strike))
            desk.special[each] = {figure: value}
        desk.special[contract] = {figure: value, "mid": Decimal("1.00")}
        desk.play(at(MONDAY, "09:50"))
        outcomes[value] = desk
    assert proposals(outcomes[good], ProposalKind.ENTRY)
    assert rule in rules_refused(outcomes[bad])
    chosen = [p.legs[0].instrument for p in proposals(outcomes[bad], ProposalKind.ENTRY)]
    assert contract not in chosen

    desk = outcomes[good]
    [entry] = proposals(desk, ProposalKind.ENTRY)
    held = entry.legs[0].instrument
    desk.special[held] = {figure: bad, "mid": Decimal("0.40")}
    desk.play(at(TUESDAY, "10:35"))
    [close] = proposals(desk, ProposalKind.ADJUSTMENT)
    judged = next(event for event in desk.all(ev.RiskJudged) if event.proposal == close.id)
    assert any(rule in warning for warning in judged.warnings)
    assert [e.order.proposal for e in desk.all(ev.OrderWritten)][-1] == close.id


def test_a11_120_contracts_go_in_clips_of_at_most_fifty() -> None:
    desk = stage(spots={"AAPL": "20", "IBM": "100"}, capital=1_200_000)
    desk.figures.volume, desk.figures.volatility = 1_200.0, 1.2
    desk.play(at(MONDAY, "10:00"))

    [entry] = proposals(desk, ProposalKind.ENTRY)
    clips = [event.order.quantity for event in desk.all(ev.OrderWritten)]
    held = sum(lot.quantity for lot in desk.state.book.positions.values())
    assert entry.quantity == 120
    assert max(clips) <= 50
    assert sum(clips) == held == 120
    sound(desk)


@pytest.mark.parametrize(("age", "enters"), [(30.0, True), (30.1, False)])
def test_a13_quotes_older_than_thirty_seconds_allow_no_entry(age: float, enters: bool) -> None:
    desk = stage()
    desk.figures.age_seconds = age
    desk.play(at(MONDAY, "10:00"))

    assert bool(proposals(desk, ProposalKind.ENTRY)) is enters
    assert ("quote.age" in rules_refused(desk)) is not enters


def test_a13_without_a_chain_the_trade_is_skipped() -> None:
    desk = stage()
    desk.figures.has_chain = False
    desk.play(at(MONDAY, "16:05"))

    assert not proposals(desk)
    assert "chain.none" in rules_refused(desk)


@pytest.mark.parametrize(("known", "atr"), [(Decimal(2), "2.2"), (None, "1.96")])
def test_a13_without_atr_the_last_valid_one_counts_enlarged_else_a_part_of_price(
    known: Decimal | None, atr: str
) -> None:
    desk = stage()
    desk.figures.atr = known
    desk.play(at(TUESDAY, "09:00"))
    desk.figures.atr = None
    desk.spots["AAPL"] = Decimal(98)
    desk.play(at(TUESDAY, "10:35"))

    assert {event.atr for event in desk.all(ev.LevelChanged)} == {Decimal(atr)}


def test_a13_a_lost_broker_stops_entries_and_a_link_that_is_back_reconciles() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:00"), BrokerReported(LinkChanged(is_up=False, reason="dead")))
    desk.play(at(MONDAY, "10:00"))
    assert not proposals(desk)
    assert [item.reason for item in refusals(desk)] == ["broker.unreachable"]

    desk.play(at(MONDAY, "10:30"), BrokerReported(LinkChanged(is_up=True)))
    desk.play(at(MONDAY, "12:00"))
    assert desk.all(ev.DeskReconciled)
    assert proposals(desk, ProposalKind.ENTRY)
    sound(desk)
