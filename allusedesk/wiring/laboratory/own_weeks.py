"""The desk's own weeks, read from a record, for a projection to draw from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.accounts import AccountId, AccountKind, kind_of
from allusedesk.domain.inputs import DeskOpened
from allusedesk.domain.instruments import STANDARD_MULTIPLIER
from allusedesk.journal.queries import record
from allusedesk.journal.queries.blotters import fills_since
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.results import ResultsFile
from allusedesk.laboratory.backtest import BacktestRun
from allusedesk.laboratory.figures import sleeve_returns
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.laboratory.runs import run_of
from allusedesk.wiring.laboratory.trials import trial_rulebook
from allusedesk.wiring.requests import RequestRefused

_STRIKE_OF_PUT = re.compile(r" ([0-9.]+) put$")
_LATEST_DAYS = 366

Least = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class OwnWeeks:
    """Weekly returns of the first family: `returns` (weeks, 3) in the order Gen, Rev, Com.

    `least` are the smallest sleeves that could trade one lot of the cheapest put each tier sold
    in the record's last year, 0 where it sold none. `modelled` is the part of the quotes that was
    modelled. `rulebook` is the one the weeks were lived under.
    """

    source: str
    first: str
    last: str
    returns: NDArray[np.float64]
    modelled: float
    least: Least
    rulebook: Rulebook

    @property
    def told(self) -> str:
        """Where the weeks come from, in one sentence."""
        count = len(self.returns)
        quotes = "recorded quotes alone" if not self.modelled else f"{self.modelled:.0%} modelled"
        return (
            f"{count} weeks of {self.source}, {self.first} to {self.last}, under "
            f"{self.rulebook.id}; of the quotes they rest on: {quotes}."
        )


def weeks_of_journal(side: ReadSide, name: str) -> OwnWeeks:
    """The whole weeks of a journal; raises RequestRefused where it holds none."""
    family = next((one.family for one in record.sleeves(side)), None)
    weeks: dict[str, dict[AccountKind, float]] = {}
    for one in record.weekly_returns(side):
        account = AccountId(one.account)
        if family is not None and one.account.startswith(f"{family}."):
            weeks.setdefault(one.week, {})[kind_of(account)] = float(one.value)
    opened = next(iter(side.journal.read(1, 1)), None)
    if not weeks or opened is None or not isinstance(opened.event, DeskOpened):
        raise RequestRefused(
            f"{name} holds no week yet, so nothing can be drawn from it: name a longer record."
        )
    names = list(weeks)
    rules = parse_rulebook(opened.event.rulebook_text)
    rows = [[week.get(kind, 0.0) for kind in AccountKind] for week in weeks.values()]
    return OwnWeeks(
        source=f"{name} ({opened.event.mode.value})",
        first=names[0],
        last=names[-1],
        returns=np.array(rows),
        modelled=float(record.modelled_share(side)),
        least=_least_of(side, rules),
        rulebook=rules,
    )


def weeks_of_results(file: ResultsFile, number: int | None) -> OwnWeeks:
    """The weeks of a kept backtest, at default fills where it tried them; the newest for None.

    Its outcome tells no strikes, so no smallest sleeve is known. Raises RequestRefused for what is
    no backtest, ResultsUnusable, TextUnreadable.
    """
    lines = [line for line in file.lines() if line.kind == "backtest"]
    if number is None and lines:
        number = lines[0].number
    if number is None:
        raise RequestRefused(f"{file.path} keeps no backtest: run one, or name a journal.")
    run = run_of(file.read(number))
    if not isinstance(run, BacktestRun):
        raise RequestRefused(f"Run {number} is no backtest, so its weeks are those of many trials.")
    return weeks_of_run(run, f"run {number} of the laboratory")


def weeks_of_run(run: BacktestRun, name: str) -> OwnWeeks:
    """The weeks of a backtest; raises RequestRefused where it marked none."""
    outcome = run.usual
    if not outcome.weeks:
        raise RequestRefused(f"The {name} marked no week, so nothing can be drawn from it.")
    nothing = Decimal(0)
    return OwnWeeks(
        source=f"{name} (backtest, {outcome.plan.fills} fills)",
        first=outcome.weeks[0].week,
        last=outcome.weeks[-1].week,
        returns=sleeve_returns(outcome),
        modelled=outcome.totals.quotes_modelled,
        least=(nothing, nothing, nothing),
        rulebook=parse_rulebook(trial_rulebook(outcome.plan)),
    )


def _least_of(side: ReadSide, rules: Rulebook) -> Least:
    cheapest: dict[AccountKind, Decimal] = {}
    newest = None
    for fill in fills_since(side, 0):
        newest = newest or fill.filled_at
        found = _STRIKE_OF_PUT.search(fill.instrument)
        is_sale = found is not None and fill.side == "sell"
        if found is None or not is_sale or (newest - fill.filled_at).days > _LATEST_DAYS:
            continue
        kind, strike = kind_of(AccountId(fill.account)), Decimal(found[1])
        cheapest[kind] = min(strike, cheapest.get(kind, strike))
    return (
        _smallest(AccountKind.GENERATION, cheapest, rules),
        _smallest(AccountKind.REVENUE, cheapest, rules),
        _smallest(AccountKind.COMPOUNDING, cheapest, rules),
    )


def _smallest(kind: AccountKind, cheapest: dict[AccountKind, Decimal], rules: Rulebook) -> Decimal:
    """The sleeve whose deployed part, within its cap for one symbol, holds one lot."""
    if kind not in cheapest:
        return Decimal(0)
    account, condition = rules.account(kind), rules.condition
    most = condition.standard if condition is not None else Decimal(1)
    share = min(account.deploy_high or most, 1 - account.cash_buffer, account.symbol_cap or 1)
    return (cheapest[kind] * STANDARD_MULTIPLIER / share).quantize(Decimal(1))
