"""A trial is the rehearsal, entry for entry, and knows nothing of what comes after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.journal.queries import record as queries
from allusedesk.journal.read_side import ReadSide
from allusedesk.laboratory.trial import SLEEVES, TrialPlan
from allusedesk.resource_files import resource_path
from allusedesk.wiring.choices import exchange_calendar
from allusedesk.wiring.laboratory.trials import open_trial, request_of_trial
from allusedesk.wiring.rehearsal import rehearse
from allusedesk.wiring.requests import RequestRefused

SYMBOLS = ("AAPL", "IBM", "MSFT")
FIRST = date(2011, 10, 3)


def plan_of(first: date, last: date, **changes: object) -> TrialPlan:
    plan = TrialPlan(
        data=(resource_path("sample_market"),),
        first=first,
        last=last,
        symbols=tuple(SymbolList(kind, SYMBOLS) for kind in AccountKind),
        capital=Decimal(1_000_000),
        seed=7,
        trend="SPY",
    )
    return replace(plan, **changes)


@pytest.mark.parametrize("fills", ["default", "mid", "full"])
def test_a_trial_is_its_rehearsal_entry_for_entry(fills: str, tmp_path: Path) -> None:
    plan = plan_of(date(2012, 4, 2), date(2012, 4, 20), fills=fills)
    outcome = open_trial(plan)
    result = rehearse(replace(request_of_trial(plan), out=tmp_path))
    assert (outcome.entries, outcome.chain_head) == (result.entries, result.chain_head)
    with ReadSide.open(result.journal) as side:
        counts = queries.counts(side)
        told = queries.weekly_returns(side)
    assert (outcome.totals.orders, outcome.totals.fills) == (counts.orders, counts.fills)
    by_week = [
        (week.week, f"F1.{sleeve.kind.value}", sleeve.value)
        for week in outcome.weeks
        for sleeve in sorted(week.sleeves, key=lambda one: one.kind.value)
    ]
    assert by_week == [(one.week, one.account, float(one.value)) for one in told]
    assert [sleeve.target for sleeve in outcome.weeks[0].sleeves] == [0.015, 0.01, 0.005]


def test_the_weeks_add_up_to_what_was_gained() -> None:
    outcome = open_trial(plan_of(date(2012, 4, 2), date(2012, 4, 20)))
    assert len(outcome.weeks) == 3
    assert [one.kind for one in outcome.weeks[0].sleeves] == list(SLEEVES)
    income = sum(week.income.amount for week in outcome.weeks)
    assert outcome.equity_end.amount - outcome.equity_start.amount == income
    for before, after in pairwise(outcome.weeks):
        assert after.equity.amount - before.equity.amount == after.income.amount
    assert outcome.weeks[0].moved.amount == 1_000_000
    assert all(week.is_modelled for week in outcome.weeks)
    assert outcome.totals.quotes_modelled == 1.0


def test_a_worse_fill_costs_money() -> None:
    span = date(2012, 4, 2), date(2012, 4, 20)
    ends = [open_trial(plan_of(*span, fills=fills)).equity_end for fills in ("mid", "full")]
    assert ends[0] > ends[1]


def test_sessions_without_a_price_are_told() -> None:
    plan = plan_of(date(2013, 2, 25), date(2013, 3, 8))
    gaps = open_trial(plan).gaps
    assert [gap.partition(" ")[0] for gap in gaps] == list(SYMBOLS)
    assert "no price on 5 of 10 sessions, from 2013-03-04 to 2013-03-08" in gaps[0]
    assert not open_trial(plan_of(date(2012, 4, 2), date(2012, 4, 5))).gaps


def test_an_override_is_another_rulebook() -> None:
    plan = plan_of(date(2012, 4, 2), date(2012, 4, 5))
    other = replace(plan, overrides=(("accounts.rev.delta.low", 25), ("costs.contract", 3)))
    assert open_trial(plan).chain_head != open_trial(other).chain_head


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fills": "best"}, "no kind of fill 'best'"),
        ({"capital": Decimal("9999.99")}, "smallest start capital of classic@1.0 is 10000"),
        ({"overrides": (("accounts.gen.deltas.low", 30),)}, "no rule 'accounts.gen.deltas.low'"),
        ({"overrides": (("accounts.gen.delta.low", 90),)}, "accounts.gen.delta"),
        ({"last": date(2012, 4, 1)}, "before it begins"),
        ({"first": date(2012, 4, 7), "last": date(2012, 4, 8)}, "no session"),
        ({"symbols": (SymbolList(AccountKind.GENERATION, ("ZZZZ",)),)}, "ZZZZ"),
    ],
)
def test_what_cannot_be_tried_is_refused_plainly(changes: dict[str, object], said: str) -> None:
    plan = replace(plan_of(date(2012, 4, 2), date(2012, 4, 5)), **changes)
    with pytest.raises(RequestRefused, match=said.replace(".", r"\.")):
        open_trial(plan)


def test_a_split_nobody_told_of_is_named_beside_the_figures(tmp_path: Path) -> None:
    lines = ["Date,Open,High,Low,Close,Volume"]
    for place, day in enumerate(exchange_calendar().dates_between(FIRST, date(2012, 4, 20))):
        price = (60 if day < date(2012, 4, 10) else 30) + place % 3 / 10
        lines.append(f"{day},{price},{price + 1},{price - 1},{price},1000000")
    (tmp_path / "XYZ.csv").write_text("\n".join(lines))
    data = (tmp_path, resource_path("sample_market", "volatility"))
    symbols = tuple(SymbolList(kind, ("XYZ",)) for kind in AccountKind)
    plan = plan_of(date(2012, 4, 2), date(2012, 4, 13), data=data, symbols=symbols, trend="XYZ")
    (told,) = open_trial(plan).gaps
    assert "on 2012-04-10 at ordinary volume, which looks like a 2 for 1 split" in told
