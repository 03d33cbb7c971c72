"""Trials: the rehearsal's own engine and doors, its record kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from allusedesk.approvals.policy import PolicyRefused
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.laboratory.overrides import OverrideRefused, overridden
from allusedesk.laboratory.trial import FILLS, TrialOutcome, TrialPlan, TrialRefused
from allusedesk.laboratory.trial_record import TrialRecord
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.history import FileRefused, MarketHistory
from allusedesk.market.price_jumps import jumps_told
from allusedesk.protocol.hedges import hedge_symbols
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook
from allusedesk.wiring.choices import rulebook_text
from allusedesk.wiring.recorded_world import history_of
from allusedesk.wiring.rehearsal import day_by_day, stage_of
from allusedesk.wiring.requests import RehearsalRequest, RequestRefused
from allusedesk.wiring.strategies import strategy_choices
from allusedesk.wiring.sweeps import seldom_swept

# Trials of one search share a market; a walk over two spans has two.
_HISTORIES_KEPT = 2
_FIRST_FAMILY = "F1."
_HISTORIES: dict[tuple[object, ...], MarketHistory] = {}


def open_trial(plan: TrialPlan, progress: Callable[[date], None] | None = None) -> TrialOutcome:
    """Run one backtest to its end: the same `step`, doors and chain as a rehearsal of the plan.

    `progress` is told each new day; an exception it raises does not stop the run. Raises
    RequestRefused, PolicyRefused or FileRefused, each one plain sentence.
    """
    text = trial_rulebook(plan)
    rules = parse_rulebook(text)
    if plan.capital < rules.capital.start_min:
        raise RequestRefused(
            f"The smallest start capital of {rules.id} is {rules.capital.start_min}, and a trial "
            f"with {plan.capital} would trade nothing: give it more."
        )
    stage = stage_of(request_of_trial(plan), text, _history_for)
    refuse_without_prices(stage.history, plan)
    record = TrialRecord()
    engine = stage.engine_on(record, () if progress is None else (day_by_day(progress),))
    with seldom_swept():
        asyncio.run(engine.run(stage.until))
    targets = {kind: rules.account(kind).weekly_target for kind in AccountKind}
    return TrialOutcome(
        plan=plan,
        entries=record.entries,
        chain_head=record.chain_head,
        weeks=record.ledger.weeks(targets),
        totals=record.ledger.totals(plan),
        notes=stage.history.choices,
        gaps=(
            *gaps_of(stage.history, plan, stage.calendar),
            *jumps_told(stage.history, plan.first, plan.last),
        ),
        strategies=tuple(
            f"{one.strategy}={one.account.removeprefix(_FIRST_FAMILY)}"
            for one in stage.request.strategies
        ),
    )


def try_plan(
    plan: TrialPlan, progress: Callable[[date], None] | None = None
) -> TrialOutcome | TrialRefused:
    """As `open_trial`, with a refusal as a value: it has to cross processes and machines."""
    try:
        return open_trial(plan, progress)
    except (RequestRefused, PolicyRefused, FileRefused) as refusal:
        return TrialRefused(plan, str(refusal))


def refuse_without_prices(history: MarketHistory, plan: TrialPlan) -> None:
    """Raise RequestRefused where nothing that is traded has a price within the span."""
    first, last = np.datetime64(plan.first, "D"), np.datetime64(plan.last, "D")
    days = [one.bars.dates for one in history.symbols.values()]
    has_bars = any(bool(((told >= first) & (told <= last)).any()) for told in days)
    if has_bars or any(plan.first <= one.taken_at.date() <= plan.last for one in history.chains):
        return
    known = [told for told in days if len(told)]
    span = f"from {min(t[0] for t in known)} to {max(t[-1] for t in known)}" if known else "nowhere"
    raise RequestRefused(
        f"Nothing of {', '.join(sorted(history.symbols))} has a price from {plan.first} to "
        f"{plan.last}: prices reach {span}, so choose days within."
    )


def gaps_of(history: MarketHistory, plan: TrialPlan, calendar: ExchangeCalendar) -> tuple[str, ...]:
    """A sentence for each symbol that is traded and had no price on some sessions of the span."""
    found = []
    sessions = calendar.dates_between(plan.first, plan.last)
    for symbol in sorted(set(history.symbols) - set(history.only_hedges)):
        known = set(history.symbols[symbol].bars.dates.astype("datetime64[D]").tolist())
        known |= {one.taken_at.date() for one in history.chains if one.underlying == symbol}
        missing = [day for day in sessions if day not in known]
        if missing:
            found.append(
                f"{symbol} has no price on {len(missing)} of {len(sessions)} sessions, from "
                f"{missing[0]} to {missing[-1]}: nothing of it was decided then, and what was held "
                "stood at its last price."
            )
    return tuple(found)


def trial_rulebook(plan: TrialPlan) -> str:
    """The text of the plan's rulebook, its overrides set; raises RequestRefused."""
    try:
        text = overridden(rulebook_text(plan.rulebook), plan.overrides)
        parse_rulebook(text)
    except (OverrideRefused, RulebookRefused) as refusal:
        raise RequestRefused(str(refusal)) from refusal
    return text


def request_of_trial(plan: TrialPlan) -> RehearsalRequest:
    """The rehearsal a plan asks for; its folder is where nothing is written.

    Raises RequestRefused for a kind of fill there is not.
    """
    if plan.fills not in FILLS:
        raise RequestRefused(
            f"There is no kind of fill {plan.fills!r}; there are: {', '.join(FILLS)}."
        )
    rules = parse_rulebook(trial_rulebook(plan))
    listed = {entry.kind: entry.symbols for entry in plan.symbols}
    symbols = tuple(
        SymbolList(kind, listed.get(kind, rules.account(kind).symbols)) for kind in AccountKind
    )
    return RehearsalRequest(
        data=plan.data,
        first=plan.first,
        last=plan.last,
        rulebook=plan.rulebook,
        symbols=symbols,
        capital=plan.capital,
        approve=plan.approve,
        seed=plan.seed,
        out=Path(),
        trend=plan.trend,
        fills=plan.fills,
        strategies=strategy_choices(plan.strategies, symbols, rules),
    )


def _history_for(
    request: RehearsalRequest, rules: Rulebook, calendar: ExchangeCalendar
) -> MarketHistory:
    """The history of a request, kept for the next trials over the same market and span.

    A file that changes while a process tries plan after plan is not read again.
    """
    key = (
        request.data,
        request.symbols,
        request.trend,
        request.first,
        request.last,
        hedge_symbols(rules),
        tuple(symbol for chosen in request.strategies for symbol in chosen.symbols),
    )
    if key not in _HISTORIES:
        found = history_of(request, rules, calendar)
        while len(_HISTORIES) >= _HISTORIES_KEPT:
            del _HISTORIES[next(iter(_HISTORIES))]
        _HISTORIES[key] = found
    return _HISTORIES[key]
