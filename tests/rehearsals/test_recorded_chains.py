"""The recorded snapshots of 2026 drive a week: only what was seen may be traded, and where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.orders import OptionsAssigned
from allusedesk.domain.proposals import ProposalKind
from tests.rehearsals.recorded_market import (
    Rehearsed,
    check_fill,
    option_fills,
    options_seen,
    recorded,
)

pytestmark = pytest.mark.long

SYMBOLS = ("AAPL", "NVDA", "SPY", "QQQ")
FOLDERS = (
    "options_snapshots_2026_02",
    "volatility",
    "rates",
    "equity_daily_2020_2026",
    "equity_daily_raw_and_adj",
    "equity_daily_2013_2023",
    "equity_daily_lean",
    "earnings",
)
DAYS = date(2026, 2, 9), date(2026, 2, 20)


@pytest.fixture(scope="module", params=["classic", "constitution"])
def weeks(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Rehearsed:
    out = tmp_path_factory.mktemp("recorded")
    return recorded(shared_data, FOLDERS, DAYS, out, SYMBOLS, 4_000_000, request.param)


def test_no_option_quote_of_a_recorded_day_is_modelled(weeks: Rehearsed) -> None:
    seen = [
        quote
        for quote in options_seen(weeks.entries)
        if quote.quoted_at.date() < date(2026, 2, 13) and quote.instrument.underlying in SYMBOLS
    ]
    assert len(seen) > 100
    assert not any(quote.is_modelled for quote in seen)


def test_entries_are_made_where_chains_were_recorded(weeks: Rehearsed) -> None:
    instants = {chain.taken_at for chain in weeks.history.chains}
    assert len({instant.date() for instant in instants}) == 2
    kinds = (ProposalKind.ENTRY, ProposalKind.COVERED_CALL)
    made = {
        entry.recorded_at
        for entry in weeks.entries
        if isinstance(entry.event, ev.ProposalMade) and entry.event.proposal.kind in kinds
    }
    assert made
    assert made <= instants


def test_options_trade_within_the_recorded_bid_and_ask(weeks: Rehearsed) -> None:
    fills = list(option_fills(weeks.entries))
    # A hedge of VIX calls is modelled, and marked so: nobody recorded its options.
    traded = [(contract, fill) for contract, fill in fills if contract.underlying in SYMBOLS]
    assert traded
    for contract, fill in traded:
        check_fill(weeks.history, contract, fill)


def test_what_ends_on_friday_is_decided_by_friday_s_own_close(weeks: Rehearsed) -> None:
    """The last close of a series adjusted for dividends is as traded, and AAPL's was 255.78."""
    closes = {
        symbol: float(history.bars.close[-1]) for symbol, history in weeks.history.symbols.items()
    }
    assert closes["AAPL"] == pytest.approx(255.78, abs=0.005)
    assigned = [
        entry.event.report
        for entry in weeks.entries
        if isinstance(entry.event, inp.BrokerReported)
        and isinstance(entry.event.report, OptionsAssigned)
    ]
    for report in assigned:
        assert report.reason == ""
        assert float(report.contract.strike) > closes[report.contract.underlying]
    held = {
        contract
        for contract, fill in option_fills(weeks.entries)
        if contract.expiry == date(2026, 2, 13)
    }
    ended = {
        entry.event.report.contract
        for entry in weeks.entries
        if isinstance(entry.event, inp.BrokerReported) and hasattr(entry.event.report, "contract")
    }
    closed = {
        leg.instrument
        for entry in weeks.entries
        if isinstance(entry.event, ev.OrderWritten)
        for leg in entry.event.order.legs
        if leg.closes is not None
    }
    assert held <= ended | closed
