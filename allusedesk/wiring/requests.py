"""What is asked of a desk over recorded time, and what it answers when it cannot begin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.inputs import Mode, SymbolList
from allusedesk.settings import AdviceChoice, BrokerChoice, FeedChoice

JOURNAL_NAME = "rehearsal.journal"
PAPER_JOURNAL_NAME = "paper.journal"
LIVE_JOURNAL_NAME = "live.journal"
# Who approves: a person at the screen, instead of a policy.
ASK = "ask"
DEFAULT_TREND = "SPY"
PROGRAM = "allusedesk 0.1.0"
# What vendors are called on screens, by their names in settings.
TITLES = {
    "simulated": "Simulated broker",
    "recorded": "Recorded market",
    "interactive_brokers": "Interactive Brokers",
    "alpaca": "Alpaca",
}


@dataclass(frozen=True, slots=True)
class Connections:
    """The lines of a desk in real time: to a market, and to a broker or the simulated one."""

    broker: BrokerChoice
    feed: FeedChoice

    @property
    def mode(self) -> Mode:
        """Live with a real broker, whatever its account; else paper."""
        return Mode.PAPER if self.broker.name == "simulated" else Mode.LIVE


@dataclass(frozen=True, slots=True)
class StrategyChoice:
    """A strategy to be switched on from the first day: its definition's text, and the sleeve."""

    strategy: str
    text: str
    account: AccountId
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """A protocol run over recorded time; `approve` is all, none or the path of a policy.

    With `connections` it runs in real time instead: `data` is then what is known of the past, and
    the days are not looked at. `fills` is what a fill of the simulated broker gives up of
    half the spread: mid, default or full. With `advice` each planned week gets its forecast.
    """

    data: tuple[Path, ...]
    first: date
    last: date
    rulebook: str
    symbols: tuple[SymbolList, ...]
    capital: Decimal
    approve: str
    seed: int
    out: Path
    trend: str | None = None
    mode: Mode = Mode.REHEARSAL
    connections: Connections | None = None
    strategies: tuple[StrategyChoice, ...] = ()
    fills: str = "default"
    advice: bool = False


def advised(request: RehearsalRequest, choice: AdviceChoice) -> RehearsalRequest:
    """The request with a forecast for each week or without, as a person's settings say."""
    is_wanted = choice.is_on and (request.connections is not None or choice.of_recorded)
    return replace(request, advice=request.advice or is_wanted)


def journal_of(request: RehearsalRequest) -> Path:
    """Where the record of a desk is, or will be: a live one's beside a paper one's."""
    lines = request.connections
    is_live = lines is not None and lines.mode is Mode.LIVE
    return request.out / (LIVE_JOURNAL_NAME if is_live else PAPER_JOURNAL_NAME)


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """What a desk with a window is to run: a request, and its pace (None: as fast as it goes)."""

    desk: RehearsalRequest
    speed: float | None

    @property
    def journal(self) -> Path:
        """Where the desk's record is, or will be."""
        return journal_of(self.desk)


@dataclass(frozen=True, slots=True)
class RehearsalResult:
    """What a rehearsal left: its journal, its chain head, and what data was used for what."""

    journal: Path
    chain_head: str
    entries: int
    choices: tuple[str, ...]
    seconds: float


class RequestRefused(Exception):
    """A rehearsal that cannot begin; the text says what is wrong and what to give instead."""
