"""Strategies over the recorded chains of 2026: their legs, credits, cash and worst cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.events import Entry, RiskJudged
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.replay import replay
from allusedesk.journal.queries.strategies import strategy_trades
from allusedesk.journal.store import JournalReader
from allusedesk.strategy.definition import Part, Structure
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import RehearsalRequest
from allusedesk.wiring.strategies import strategy_choices
from tests.strategy.definitions import shipped
from tests.trading import classic

pytestmark = pytest.mark.long

FOLDERS = (
    "options_snapshots_2026_02",
    "volatility",
    "rates",
    "equity_daily_2020_2026",
    "equity_daily_raw_and_adj",
)
WANTED = (
    "put-credit-spread=rev",
    "iron-condor=rev",
    "tail-hedge=rev",
    "diagonal=com",
    "leaps-ladder=com",
    "wheel=gen",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """An opening of a strategy: what it was judged by, and the market it was chosen from."""

    proposal: Proposal
    judged: RiskJudged
    snapshot: MarketSnapshot
    part: Part


@pytest.fixture(scope="module")
def entries(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Entry, ...]:
    symbols = tuple(
        SymbolList(kind, ("AAPL" if kind is AccountKind.GENERATION else "SPY",))
        for kind in AccountKind
    )
    request = RehearsalRequest(
        data=tuple(shared_data / folder for folder in FOLDERS),
        first=date(2026, 2, 9),
        last=date(2026, 2, 13),
        rulebook="classic",
        symbols=symbols,
        capital=Decimal(4_000_000),
        approve="all",
        seed=7,
        out=tmp_path_factory.mktemp("strategies"),
        strategies=strategy_choices(WANTED, symbols, classic()),
    )
    result = rehearse(request)
    with JournalReader.open(result.journal) as reader:
        return tuple(reader.read())


@pytest.fixture(scope="module")
def opened(entries: tuple[Entry, ...]) -> list[Opened]:
    return list(openings(entries))


def openings(entries: tuple[Entry, ...]) -> Iterator[Opened]:
    snapshot = MarketSnapshot(entries[0].recorded_at)
    made: dict[str, tuple[Proposal, MarketSnapshot]] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, inp.MarketSampled):
            snapshot = event.snapshot
        elif isinstance(event, ev.ProposalMade) and event.proposal.is_of_strategy:
            made[event.proposal.id] = (event.proposal, snapshot)
        elif isinstance(event, RiskJudged) and event.proposal in made:
            proposal, seen = made[event.proposal]
            name, _, part = str(proposal.rule).partition("@")
            found = shipped(name).part(part.partition("/")[2].partition(".")[0])
            assert found is not None
            if proposal.is_opening:
                yield Opened(proposal, event, seen, found)


def test_the_record_replays(entries: tuple[Entry, ...]) -> None:
    told = replay(entries)
    assert told.is_same, told.first_difference


def test_every_strategy_opened_something_on_recorded_quotes(opened: list[Opened]) -> None:
    found = {one.proposal.rule.rulebook.partition("@")[0] for one in opened}
    assert found == {name.partition("=")[0] for name in WANTED}
    assert not any(one.proposal.is_modelled for one in opened)


def test_legs_lie_in_their_bands_of_days_delta_and_distance(opened: list[Opened]) -> None:
    for one in opened:
        day = one.proposal.made_at.date()
        before: OptionContract | None = None
        assert len(one.proposal.legs) == len(one.part.legs)
        for rule, leg in zip(one.part.legs, one.proposal.legs, strict=True):
            option, quote = leg.instrument, one.snapshot.quote_of(leg.instrument)
            assert isinstance(option, OptionContract)
            assert quote is not None
            assert quote.bid is not None
            assert not quote.is_modelled
            assert (leg.side, option.right) == (rule.side, rule.right)
            if rule.days is not None:
                assert rule.days.holds(Decimal((option.expiry - day).days))
            if rule.delta is not None:
                assert quote.greeks is not None
                assert rule.delta.holds(Decimal(repr(quote.greeks.delta_quoted)))
            spot = one.proposal.spot
            assert spot is not None
            sign = 1 if option.right is Right.CALL else -1
            if rule.away is not None:
                away = sign * (option.strike - spot.per_unit) / spot.per_unit
                assert rule.away.holds(away.quantize(Decimal("0.0001")))
            if rule.width is not None:
                assert before is not None
                width = sign * (option.strike - before.strike) / spot.per_unit
                assert rule.width.holds(width.quantize(Decimal("0.0001")))
            before = option


def test_a_spread_risks_its_width_less_its_credit_and_holds_the_width(
    opened: list[Opened],
) -> None:
    spreads = [
        one
        for one in opened
        if one.part.structure in (Structure.CREDIT_SPREAD, Structure.IRON_CONDOR)
    ]
    assert len(spreads) >= 2
    for one in spreads:
        strikes: dict[Right, list[Decimal]] = {}
        for leg in one.proposal.legs:
            assert isinstance(leg.instrument, OptionContract)
            strikes.setdefault(leg.instrument.right, []).append(leg.instrument.strike)
        width = max(abs(short - long) for short, long in strikes.values())
        credit, units = one.proposal.credit_net, one.proposal.quantity * 100
        assert credit is not None
        assert 0 < credit.per_unit < width / 3
        at_worst = (width - credit.per_unit) * units
        # The worst case is told at unrounded mids, the credit at the cent.
        assert abs(-one.judged.worst_case.amount - at_worst) <= units * Decimal("0.01")
        held = one.judged.collateral_after - one.judged.collateral_before
        fees = classic().costs.contract * one.proposal.quantity
        assert held.amount == width * units + fees


def test_no_sleeve_ever_holds_more_than_it_has(entries: tuple[Entry, ...]) -> None:
    marks = [entry.event for entry in entries if isinstance(entry.event, ev.BalancesMarked)]
    assert marks
    for marked in marks:
        for mark in marked.marks:
            assert mark.collateral <= mark.cash


def test_what_trades_brought_is_what_the_sleeves_gained(entries: tuple[Entry, ...]) -> None:
    trades = strategy_trades(entries)
    marks = [entry.event for entry in entries if isinstance(entry.event, ev.BalancesMarked)]
    share = {kind.value: classic().account(kind).capital_share for kind in AccountKind}
    for mark in marks[-1].marks:
        own = [trade.result.amount for trade in trades if trade.account == mark.account]
        began = share[mark.account.partition(".")[2]] * 4_000_000
        assert mark.equity.amount - began == sum(own)
