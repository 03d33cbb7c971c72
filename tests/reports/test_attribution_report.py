"""Profit of rehearsed journals, divided: against the change of equity that performance shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from allusedesk.cli.main import main
from allusedesk.domain.instruments import Stock
from allusedesk.journal.queries.attribution import Booked, Marked, Seen, moments, span_of
from allusedesk.journal.queries.performance import performance
from allusedesk.journal.queries.record import money_moved, weekly_returns
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.attribution import By
from allusedesk.reports.attribution_report import NothingToAttribute, build_attribution
from tests.house.sources import ROOT

WEEKS = (date(2012, 1, 2), date(2012, 1, 27))


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadSide]:
    """Four weeks of the sample market: puts, calls, shares, an assignment and a dividend."""
    out = tmp_path_factory.mktemp("weeks")
    words = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from {WEEKS[0]} --to {WEEKS[1]} "
        "--rulebook classic --symbols gen=GOOG,IBM;rev=AAPL,MSFT;com=AAPL,MSFT "
        f"--capital 1000000 --approve all --seed 7 --out {out} --json"
    )
    assert main(words.split()) == 0
    with ReadSide.open(out / "rehearsal.journal") as opened:
        yield opened


def test_the_whole_is_the_change_of_equity_and_every_cut_divides_it(side: ReadSide) -> None:
    found = build_attribution(side).attribution
    curve = performance(side, None)
    moved = sum((one.amount.amount for one in money_moved(side)), Decimal(0))
    assert found.moved.amount == moved == 1_000_000
    assert found.whole.amount == curve.days[-1].equity.amount - moved
    assert found.equity_end == curve.days[-1].equity
    assert {cut.by for cut in found.cuts} == set(By)
    for cut in found.cuts:
        assert sum(part.amount.amount for part in cut.parts) == found.whole.amount


def test_parts_by_account_are_what_the_sleeves_earned(side: ReadSide) -> None:
    found = build_attribution(side).attribution
    earned = {one.account: one.earned for one in performance(side, None).sleeves}
    assert {part.name: part.amount for part in found.by(By.ACCOUNT).parts} == earned


def test_weeks_one_after_another_make_the_whole(side: ReadSide) -> None:
    whole = build_attribution(side)
    weeks = [
        build_attribution(side, date(2012, 1, first), date(2012, 1, first + 6))
        for first in (1, 8, 15, 22)
    ]
    parts = sum((week.attribution.whole.amount for week in weeks), Decimal(0))
    assert parts == whole.attribution.whole.amount
    for before, after in pairwise(weeks):
        assert after.attribution.equity_start == before.attribution.equity_end
    # The days are the same days, whichever period they are asked in.
    assert [day.whole for week in weeks for day in week.lots] == [day.whole for day in whole.lots]
    returns = [one for one in weekly_returns(side) if one.week == "2012-W03"]
    gained = sum((one.equity_end - one.equity_start).amount for one in returns)
    assert weeks[2].attribution.whole.amount == gained


def test_greeks_explain_all_but_a_small_rest_on_prices_of_the_model(side: ReadSide) -> None:
    report = build_attribution(side)
    parts = {part.name: part.amount.amount for part in report.attribution.by(By.GREEK).parts}
    assert parts["theta"] > 0
    assert parts["gamma"] < 0
    # On the 25th a share gapped by 6 % over a night: a move that a second order overstates.
    calm = [day for day in report.lots if day.on != date(2012, 1, 25)]
    gross = sum(abs(day.gain) for day in calm)
    assert sum(abs(day.rest) for day in calm) < gross / 20
    assert all(day.other == 0 for day in report.sleeves)
    assert report.notes[0].startswith("Marks of 18 of 18 closes were modelled")
    assert "unexplained" in report.notes[1]


def test_rules_and_strategies_are_those_of_the_record(side: ReadSide) -> None:
    found = build_attribution(side).attribution
    assert [part.name for part in found.by(By.STRATEGY).parts] == ["classic@1.0"]
    rules = {part.name for part in found.by(By.RULE).parts}
    assert {"entry.delta", "accounts.first_shares"} <= rules
    assert rules <= set(side.column("SELECT DISTINCT substr(rule, 13) FROM proposals"))
    types = {part.name for part in found.by(By.WEEK_TYPE).parts}
    assert types <= {*side.column("SELECT DISTINCT label FROM labels"), "no label yet"}


def test_moments_hold_what_is_held_and_nothing_else(side: ReadSide) -> None:
    span = span_of(side, date(2012, 1, 9), None)
    assert span is not None
    found = list(moments(side, span))
    assert isinstance(found[0], Marked)
    assert found[0].on == date(2012, 1, 6)
    assert {type(one) for one in found} == {Seen, Booked, Marked}
    for one in found:
        if isinstance(one, Booked):
            changed = [change.after or change.before for change in one.booking.changes]
            wanted = {lot.instrument for lot in changed if lot is not None}
            assert wanted <= set(one.quotes) or one.how != "fill"
            assert {Stock(lot.underlying) for lot in changed if lot} <= set(one.quotes)


def test_a_period_without_a_close_is_refused(side: ReadSide) -> None:
    with pytest.raises(NothingToAttribute, match="has no close in the period"):
        build_attribution(side, date(2013, 1, 1))


@pytest.mark.long
def test_a_year_of_real_prices_divides_to_the_cent(shared_data: Path, tmp_path: Path) -> None:
    words = (
        f"rehearse --data {shared_data / 'equity_daily_2013_2023'} "
        f"--data {shared_data / 'volatility'} --data {shared_data / 'rates'} "
        f"--data {shared_data / 'equity_daily_lean' / 'spy.zip'} --from 2020-01-02 --to 2020-12-31 "
        "--rulebook constitution --symbols gen=AAPL,META;rev=MSFT,AAPL;com=AAPL,MSFT "
        f"--capital 1000000 --approve all --seed 3 --out {tmp_path} --json"
    )
    assert main(words.split()) == 0
    with ReadSide.open(tmp_path / "rehearsal.journal") as year:
        found = build_attribution(year)
        curve = performance(year, None)
    whole = found.attribution.whole.amount
    assert whole == curve.days[-1].equity.amount - 1_000_000
    for cut in found.attribution.cuts:
        assert sum(part.amount.amount for part in cut.parts) == whole
    assert all(day.other == 0 for day in found.sleeves)
    theta = next(
        part.amount.amount for part in found.attribution.by(By.GREEK).parts if part.name == "theta"
    )
    assert theta > 0
