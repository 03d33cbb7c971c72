"""Money of the statements of months, quarters and years, added up again from the entries."""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain.events import Entry
from allusedesk.domain.positions import Position
from allusedesk.journal.read_side import ReadSide
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.reports.kinds import ReportKind, Span, periods_of
from allusedesk.reports.statement import Paragraph, Qualifier, Statement, Table, Waterfall
from allusedesk.reports.weekly.words import sleeve_name
from allusedesk.wiring.reporting import ReportWish, statement_of
from tests.house.sources import ROOT
from tests.reports.ledger import (
    Close,
    between,
    closes_of,
    figure,
    growth,
    plain,
    rows,
    summed,
    table,
)

CENT = Decimal("0.005")
SHARES = ROOT / "resources" / "sample_market" / "shares" / "stocks_2006_2013.csv.gz"
_SPANS = {
    ReportKind.MONTHLY: Span.MONTH,
    ReportKind.QUARTERLY: Span.QUARTER,
    ReportKind.ANNUAL: Span.YEAR,
}
# A month in the middle, the first with its opening, one that runs; a quarter and both years.
_ASKED = (
    (ReportKind.MONTHLY, "2011-12"),
    (ReportKind.MONTHLY, "2012-02"),
    (ReportKind.MONTHLY, "2012-04"),
    (ReportKind.QUARTERLY, "2012-Q1"),
    (ReportKind.ANNUAL, "2011"),
    (ReportKind.ANNUAL, "2012"),
)


@dataclass(frozen=True)
class Asked:
    statement: Statement
    closes: list[Close]
    inside: list[Close]


@pytest.fixture(scope="module")
def side(winter_journal: Path) -> Iterator[ReadSide]:
    with ReadSide.open(winter_journal) as opened:
        yield opened


@pytest.fixture(scope="module")
def entries(side: ReadSide) -> list[Entry]:
    return list(side.journal.read())


@pytest.fixture(scope="module")
def closes(entries: list[Entry]) -> list[Close]:
    return closes_of(entries)


@pytest.fixture(
    scope="module", params=_ASKED, ids=[f"{kind.value} {name}" for kind, name in _ASKED]
)
def asked(request: pytest.FixtureRequest, side: ReadSide, closes: list[Close]) -> Asked:
    kind, name = request.param
    period = next(one for one in periods_of(side, _SPANS[kind]) if one.name == name)
    known = [one for one in closes if one.on <= period.last]
    inside = between(known, period.first, period.last)
    return Asked(statement_of(side, ReportWish(kind, name)), known, inside)


def test_every_sleeve_goes_from_the_close_before_to_the_last_to_the_cent(asked: Asked) -> None:
    before = asked.closes[-len(asked.inside) - 1] if asked.inside != asked.closes else None
    flows = {
        name: summed(asked.inside, name)
        for name in ("moved", "realised", "commissions", "dividends", "fees")
    }
    found = rows(asked.statement, "From the close before to the last close")
    last = asked.closes[-1]
    assert set(found) == {sleeve_name(one) for one in last.equity} | {"="}
    for account in last.equity:
        row = found[sleeve_name(account)]
        start = before.equity.get(account, Decimal(0)) if before else Decimal(0)
        marked = before.unrealised.get(account, Decimal(0)) if before else Decimal(0)
        assert row["Equity before USD"] == start
        assert row["Moved USD"] == flows["moved"][account]
        assert abs(row["Closed trades USD"] - flows["realised"][account]) < CENT
        assert row["Commissions USD"] == -flows["commissions"][account]
        assert row["Dividends USD"] == flows["dividends"][account]
        assert row["Interest and fees USD"] == flows["fees"][account]
        assert abs(row["Unrealised change USD"] - (last.unrealised[account] - marked)) < CENT
        assert row["Equity after USD"] == last.equity[account]
        *parts, end = [amount for title, amount in row.items() if title.endswith("USD")]
        assert sum(parts, Decimal(0)) == end
    assert found["="]["Equity after USD"] == last.whole


def test_returns_and_drawdowns_are_those_of_the_closes(asked: Asked) -> None:
    found = rows(asked.statement, "Returns by sleeve and family")
    for name, accounts in (
        ("=", None),
        *((sleeve_name(one), {one}) for one in asked.closes[-1].equity),
    ):
        curve = growth(asked.closes, accounts)
        start = curve[-len(asked.inside) - 1][1] if asked.inside != asked.closes else Decimal(1)
        assert abs(found[name]["Return %"] - (curve[-1][1] / start - 1)) < Decimal("1e-9")
        high, deepest = start, Decimal(0)
        for _, index in curve[-len(asked.inside) :]:
            high = max(high, index)
            deepest = max(deepest, 1 - index / high)
        assert abs(found[name]["Deepest drawdown %"] - deepest) < Decimal("1e-9")
    moved = sum((one.moved for one in asked.inside), Decimal(0))
    start_equity = asked.closes[-len(asked.inside) - 1].whole if asked.inside != asked.closes else 0
    earned = asked.closes[-1].whole - start_equity - moved
    assert found["="]["Earned USD"] == earned == figure(asked.statement, "Earned, USD")


def test_weeks_are_what_their_own_statements_say(asked: Asked, side: ReadSide) -> None:
    found = rows(asked.statement, "Target against realised")
    weeks = periods_of(side, Span.WEEK)
    first, last = asked.inside[0].on, asked.inside[-1].on
    mine = [
        one.name
        for one in weeks
        if one.last <= last and (one.last.year, one.last.month) >= (first.year, first.month)
    ]
    assert [name for name in found if name != "="] == mine
    for name in mine[:2]:
        weekly = rows(
            statement_of(side, ReportWish(ReportKind.WEEKLY, name)),
            "Realised against target by sleeve",
        )
        assert found[name]["Target USD"] == weekly["="]["Target USD"]
        assert found[name]["Realised USD"] == sum(
            weekly_row["Closed trades USD"]
            + weekly_row["Dividends USD"]
            - weekly_row["Commissions USD"]
            for sleeve, weekly_row in weekly.items()
            if sleeve != "="
        )


def test_costs_and_trades_are_those_of_the_bookings(asked: Asked) -> None:
    if "Trades and costs" not in {one.title for one in asked.statement.sections}:
        return
    by_lot = summed(asked.inside, "by_lot")
    ended = {lot: amount for lot, amount in by_lot.items() if amount}
    realised = figure_of(asked.statement, "Trades and costs", "Realised, USD")
    assert abs(realised - sum(ended.values(), Decimal(0))) < CENT
    paid = sum(summed(asked.inside, "commissions").values(), Decimal(0))
    assert figure(asked.statement, "Commissions, USD") == paid
    slipped = sum((one.flows.slippage for one in asked.inside), Decimal(0))
    assert figure(asked.statement, "Slippage, USD") == slipped
    best = [row[4].amount for row in table(asked.statement, "Best trades").rows]
    assert best == sorted((one for one in ended.values() if one > 0), reverse=True)[:5]
    worst = [row[4].amount for row in table(asked.statement, "Worst trades").rows]
    assert worst == sorted(one for one in ended.values() if one < 0)[:5]


def figure_of(statement: Statement, section: str, label: str) -> Decimal:
    part = next(one for one in statement.sections if one.title == section)
    return next(
        one.value.amount
        for block in part.blocks
        if hasattr(block, "figures")
        for one in block.figures
        if one.label == label
    )


def test_every_cut_of_a_quarter_sums_to_its_profit(side: ReadSide, closes: list[Close]) -> None:
    statement = statement_of(side, ReportWish(ReportKind.QUARTERLY, "2012-Q1"))
    inside = between(closes, date(2012, 1, 1), date(2012, 3, 31))
    before = [one for one in closes if one.on < date(2012, 1, 1)][-1]
    profit = inside[-1].whole - before.whole - sum((one.moved for one in inside), Decimal(0))
    section = next(one for one in statement.sections if one.title == "What the profit came from")
    cuts = [one for one in section.blocks if isinstance(one, Table) and one.title.startswith("By ")]
    assert len(cuts) == 6
    for cut in cuts:
        assert sum(row[1].amount for row in cut.rows) == cut.totals[1].amount
        assert abs(cut.totals[1].amount - profit) < CENT
    of_equity = next(one for one in section.blocks if isinstance(one, Waterfall))
    assert abs(of_equity.end.value.amount - inside[-1].whole) < CENT
    assert abs(of_equity.begin.value.amount - before.whole) < CENT * 2


def test_the_ladder_and_the_reserve_are_what_the_entries_booked(
    side: ReadSide, entries: list[Entry]
) -> None:
    statement = statement_of(side, ReportWish(ReportKind.QUARTERLY, "2012-Q1"))
    kept: dict[str, Decimal] = {}
    laid_out: dict[str, Decimal] = {}
    spent: dict[str, Decimal] = {}
    marked_until = date(2012, 3, 31)
    for entry in entries:
        event = entry.event
        name = type(event).__name__
        if name == "BalancesMarked" and event.on > marked_until:
            break
        if name == "GainReinvested" and entry.recorded_at.date() <= marked_until:
            kept[event.account] = kept.get(event.account, Decimal(0)) + event.tax.amount
            laid_out[event.account] = laid_out.get(event.account, Decimal(0)) + event.leaps.amount
        booking = getattr(event, "booking", None)
        if booking is None or entry.recorded_at.date() > marked_until:
            continue
        lots = [one.before or one.after for one in booking.changes]
        if lots and all(lot.role.value == "LEAPS rung" for lot in lots):
            for move in booking.cash:
                spent[move.account] = spent.get(move.account, Decimal(0)) + move.amount.amount
    reserve = rows(statement, "Tax reserve")
    cash = rows(statement, "Cash of the LEAPS ladders in this quarter")
    assert kept
    for account, tax in kept.items():
        assert reserve[sleeve_name(account)]["At the last close USD"] == tax
        left = laid_out[account] + spent.get(account, Decimal(0))
        assert cash[sleeve_name(account)]["Left USD"] == left


def test_rungs_and_hedges_stand_at_their_marks_and_costs(
    side: ReadSide, entries: list[Entry]
) -> None:
    statement = statement_of(side, ReportWish(ReportKind.QUARTERLY, "2012-Q1"))
    lots: dict[str, Position] = {}
    bought: dict[str, Decimal] = {}
    marks: dict[str, Decimal] = {}
    for entry in entries:
        event: Any = entry.event
        if entry.recorded_at.date() > date(2012, 3, 31):
            break
        if type(event).__name__ == "BalancesMarked":
            marks = {str(one.instrument): one.mark.per_unit for one in event.quotes if one.mark}
        for change in event.booking.changes if hasattr(event, "booking") else ():
            lot = change.after or change.before
            if lot.role.value not in ("LEAPS rung", "hedge"):
                continue
            if change.after is None:
                lots.pop(lot.id, None)
            else:
                lots[lot.id] = lot
            if change.before is None and lot.role.value == "hedge":
                bought[lot.id] = lot.price_average.per_unit * lot.quantity_signed * 100
    held = [one for one in lots.values() if one.role.value == "LEAPS rung"]
    rungs = table(statement, "Rungs held at the last close").rows
    assert sorted((row[1], row[3], plain(row[5])) for row in rungs) == sorted(
        (
            str(one.instrument),
            one.quantity_signed,
            marks[str(one.instrument)] * one.quantity_signed * 100,
        )
        for one in held
    )
    hedges = table(statement, "Hedges bought or held").rows
    assert {plain(row[4]) for row in hedges} <= set(bought.values())
    assert sum(one.role.value == "hedge" for one in lots.values()) == sum(
        1 for row in hedges if row[5]
    )


def test_its_own_shares_returned_what_their_prices_did(side: ReadSide) -> None:
    statement = statement_of(side, ReportWish(ReportKind.QUARTERLY, "2012-Q1"))
    closes: dict[tuple[str, str], float] = {}
    with gzip.open(SHARES, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            closes[row["Ticker"], row["Date"]] = float(row["Close"])
    grown = [
        closes[symbol, "2012-03-30"] / closes[symbol, "2011-12-30"] - 1
        for symbol in ("AAPL", "GOOG", "IBM", "MSFT")
    ]
    text = next(
        block.text
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, Paragraph) and block.text.startswith("Beside equal weights")
    )
    said = re.search(r"the shares ([+\N{MINUS SIGN}][0-9.]+)%", text)
    assert said is not None
    returned = float(said[1].replace("\N{MINUS SIGN}", "-")) / 100
    # The last look quotes a little off the close.
    assert returned == pytest.approx(math.fsum(grown) / len(grown), abs=0.003)
    beside = rows(statement, "Beside its own shares")
    parts = sum((row["Together USD"] for name, row in beside.items() if name != "="), Decimal(0))
    assert parts == beside["="]["Together USD"]


def test_the_free_rate_is_the_mean_of_what_the_looks_saw(
    side: ReadSide, entries: list[Entry]
) -> None:
    statement = statement_of(side, ReportWish(ReportKind.QUARTERLY, "2012-Q1"))
    rates: dict[date, float] = {}
    for entry in entries:
        event: Any = entry.event
        if type(event).__name__ == "MarketSampled" and re.match(r"\d{4}-W\d\d/", event.alarm):
            day = entry.recorded_at.astimezone(NEW_YORK).date()
            if day <= date(2012, 3, 30):
                rates.setdefault(day, event.snapshot.rate)
    mean = math.fsum(rates.values()) / len(rates)
    said = next(
        block.text
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, Paragraph) and "The free rate is" in block.text
    )
    assert f"The free rate is {mean * 100:.2f}% a year" in said
    assert f"on {len(rates)} days" in said


def test_the_months_of_a_year_make_the_year(side: ReadSide, closes: list[Close]) -> None:
    statement = statement_of(side, ReportWish(ReportKind.ANNUAL, "2012"))
    months = rows(statement, "Month by month")
    assert list(months) == [
        *(f"{one} 2012" for one in ("January", "February", "March", "April")),
        "=",
    ]
    grown = Decimal(1)
    for name, row in months.items():
        if name != "=":
            grown *= 1 + row["Return %"]
    assert abs(grown - 1 - figure(statement, "Return of the year")) < Decimal("1e-8")
    assert abs(months["="]["Return %"] - figure(statement, "Return of the year")) < Decimal("1e-8")
    # The S&P 500 of that winter, as everybody knows it.
    known = {"January 2012": "0.0436", "February 2012": "0.0406", "March 2012": "0.0313"}
    for name, gain in known.items():
        assert abs(months[name]["SPX %"] - Decimal(gain)) < Decimal("0.0001")
    assert months["="]["Equity after USD"] == closes[-1].whole
    assert months["="]["Earned USD"] == figure(statement, "Earned, USD")


def test_what_was_tied_up_is_the_most_of_all_closes(side: ReadSide, entries: list[Entry]) -> None:
    statement = statement_of(side, ReportWish(ReportKind.ANNUAL, "2012"))
    tied = []
    for entry in entries:
        event = entry.event
        if type(event).__name__ == "BalancesMarked" and event.on.year == 2012:
            whole = sum(one.equity.amount for one in event.marks)
            engaged = sum(
                one.collateral.amount + max(one.positions.amount, Decimal(0)) for one in event.marks
            )
            tied.append((engaged / whole, engaged))
    found = rows(statement, "Most at risk by sleeve")["="]
    assert found["Most tied up USD"] == max(tied)[1]


def test_every_figure_says_what_it_is(asked: Asked) -> None:
    for section in asked.statement.sections:
        for block in section.blocks:
            for one in getattr(block, "figures", ()):
                assert one.qualifier is not None or isinstance(one.value, str)
            for one in getattr(block, "series", ()):
                assert isinstance(one.qualifier, Qualifier)
            for column in getattr(block, "columns", ()):
                if getattr(column, "unit", "") in ("USD", "%"):
                    assert column.qualifier is not None, (section.title, column.title)
