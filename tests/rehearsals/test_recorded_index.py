"""SPX of 2019 from its tables of the end of the day: entries, fills, ends and settlements."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.orders import OptionsExpired, OptionsSettled
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.weeks import Session
from allusedesk.journal.queries.weeks import week
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.week_evidence import week_evidence
from allusedesk.journal.words.sentences import describe
from allusedesk.reports.statement import Qualifier
from allusedesk.reports.weekly.words import marked_as, traded_as
from tests.rehearsals.recorded_market import (
    Rehearsed,
    check_fill,
    option_fills,
    options_seen,
    recorded,
)

CHAINS = ("options_eod_spx_2019", "volatility", "rates", "equity_daily_lean")
CLOSES = "panels/skfolio_sp500_index_1990_2022.csv.gz"
TWO_WEEKS = date(2019, 4, 22), date(2019, 5, 3)
A_QUARTER = date(2019, 4, 22), date(2019, 7, 26)
INDEX = ("SPX",)
CAPITAL = 12_000_000


@pytest.fixture(scope="module")
def two_weeks(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    out = tmp_path_factory.mktemp("index")
    return recorded(shared_data, (*CHAINS, CLOSES), TWO_WEEKS, out, INDEX, CAPITAL)


def sessions_of(rehearsed: Rehearsed) -> dict[date, Session]:
    weeks = (entry.event for entry in rehearsed.entries)
    return {
        session.date: session
        for event in weeks
        if isinstance(event, inp.WeekPlanned)
        for session in event.week.sessions
    }


def test_each_session_tells_the_only_instants_at_which_it_is_quoted(two_weeks: Rehearsed) -> None:
    sessions = sessions_of(two_weeks)
    quoted = {day: each.quoted_at for day, each in sessions.items() if each.quoted_at}
    # The week after the last is planned as well.
    assert sorted(quoted) == [
        date(2019, month, day) for month, day in ((4, 25), (4, 29), (5, 2), (5, 6), (5, 9))
    ]
    for day, instants in quoted.items():
        assert instants is not None
        assert [f"{at:%H:%M}" for at in instants] == ["19:59"], day
    assert all(each.quoted_at is not None for each in sessions.values())
    planned = next(e.event for e in two_weeks.entries if isinstance(e.event, inp.WeekPlanned))
    assert "04-25 15:59:00 in New York alone" in describe(planned)


def test_entries_are_made_at_recorded_instants_and_say_that_their_window_moved(
    two_weeks: Rehearsed,
) -> None:
    made = [
        (entry.recorded_at, entry.event.proposal)
        for entry in two_weeks.entries
        if isinstance(entry.event, ev.ProposalMade)
        and entry.event.proposal.kind is ProposalKind.ENTRY
    ]
    assert len(made) >= 2
    instants = {chain.taken_at for chain in two_weeks.history.chains}
    for at, proposal in made:
        assert at in instants
        names = [comparison.name for comparison in proposal.comparisons]
        assert "time in New York, the window moved to the only quotes recorded" in names
        assert not proposal.is_modelled


def test_every_trade_lies_within_the_recorded_bid_and_ask(two_weeks: Rehearsed) -> None:
    fills = list(option_fills(two_weeks.entries))
    assert len(fills) >= 3
    for contract, fill in fills:
        check_fill(two_weeks.history, contract, fill)


def test_what_ends_between_recorded_days_is_settled_at_the_index_s_own_close(
    two_weeks: Rehearsed,
) -> None:
    told = [
        entry.event.report
        for entry in two_weeks.entries
        if isinstance(entry.event, inp.BrokerReported)
        and isinstance(entry.event.report, OptionsExpired | OptionsSettled)
    ]
    assert told
    assert {report.reason for report in told} == {""}
    assert told[0].contract.expiry == date(2019, 4, 26)


def test_without_closes_of_the_index_the_next_one_known_settles_and_says_so(
    shared_data: Path, tmp_path: Path
) -> None:
    days = date(2019, 4, 22), date(2019, 4, 30)
    rehearsed = recorded(shared_data, CHAINS, days, tmp_path, INDEX, CAPITAL)
    told = [
        entry.event
        for entry in rehearsed.entries
        if isinstance(entry.event, inp.BrokerReported)
        and isinstance(entry.event.report, OptionsExpired | OptionsSettled)
    ]
    assert len(told) == 1
    assert "no close of SPX on 2019-04-26 is known; that of 2019-04-29" in describe(told[0])


def test_a_weekly_figure_follows_the_quotes_it_rests_on(two_weeks: Rehearsed) -> None:
    with ReadSide.open(two_weeks.journal) as side:
        found = {}
        for name in ("2019-W17", "2019-W18"):
            overview = week(side, name)
            assert overview is not None
            evidence = week_evidence(side, overview)
            # The level of the index between two tables is drawn, and looked at each time.
            assert evidence.samples.modelled
            found[name] = traded_as(evidence), marked_as(evidence)
    # On the Friday of the first week the put it carried was marked without a table.
    assert found["2019-W17"] == (Qualifier.MEASURED, Qualifier.MODELLED)
    assert found["2019-W18"] == (Qualifier.MEASURED, Qualifier.MEASURED)


@pytest.mark.long
@pytest.mark.parametrize("rulebook", ["classic", "constitution"])
def test_a_quarter_of_recorded_days_is_traded_to_its_end(
    shared_data: Path, tmp_path: Path, rulebook: str
) -> None:
    folders = (*CHAINS, CLOSES)
    rehearsed = recorded(shared_data, folders, A_QUARTER, tmp_path, INDEX, CAPITAL, rulebook)
    fills = list(option_fills(rehearsed.entries))
    assert len(fills) >= 8
    for contract, fill in fills:
        check_fill(rehearsed.history, contract, fill)
    kinds = Counter(type(entry.event).__name__ for entry in rehearsed.entries)
    assert kinds["ExpiryBooked"] >= 3
    assert kinds["SettlementBooked"] >= 1
    assert kinds["AssignmentBooked"] == kinds["DifferenceFound"] == kinds["DeskHalted"] == 0
    at_instants = [quote for quote in options_seen(rehearsed.entries) if not quote.is_modelled]
    assert len(at_instants) > 500
    for entry in rehearsed.entries:
        if isinstance(entry.event, ev.OutcomeClassified) and entry.event.outcome == "P-AWL":
            assert "shares, sell calls" not in entry.event.action
