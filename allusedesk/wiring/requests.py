"""What is asked of a desk over recorded time, and what it answers when it cannot begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.inputs import Mode, SymbolList

JOURNAL_NAME = "rehearsal.journal"
PAPER_JOURNAL_NAME = "paper.journal"
# Who approves: a person at the screen, instead of a policy.
ASK = "ask"
DEFAULT_TREND = "SPY"
PROGRAM = "allusedesk 0.1.0"


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """A protocol run over recorded time; `approve` is all, none or the path of a policy."""

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


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """What a desk with a window is to run: a request, and its pace (None: as fast as it goes)."""

    desk: RehearsalRequest
    speed: float | None

    @property
    def journal(self) -> Path:
        """Where the desk's record is, or will be."""
        return self.desk.out / PAPER_JOURNAL_NAME


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
