"""Strategies beside the protocol: switched by a person, decided by a class, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.proposals import TurnedDown
from allusedesk.domain.weeks import WeekId


@dataclass(frozen=True, slots=True)
class StrategySwitched:
    """A person lets a strategy open positions in a sleeve, or lets it open none any more.

    `strategy` is its name and version, `text` its whole definition, so that a replay needs no
    file. What it holds when it is switched off is managed to its end.
    """

    account: AccountId
    strategy: str
    text: str
    is_on: bool
    operator: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LegIntent:
    """A band that a class sets for one leg of a part, in place of the definition's.

    `leg` counts from 0; `band` is days, delta (x 100), away or width (fractions of the spot).
    """

    leg: int
    band: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class OpeningIntent:
    """A class wants a part opened in a symbol, in at most so many units.

    The definition's own size, conditions of entry and exits hold as well.
    """

    part: str
    symbol: str
    units_max: int
    legs: tuple[LegIntent, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClosingIntent:
    """A class wants to leave what is held of a part in a symbol, before the definition would."""

    part: str
    symbol: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IntentsGiven:
    """What a strategy's class wants after one look; where it failed, `fault` says how.

    It is an input: what was decided is recorded, so that a replay runs no code of others.
    `looked_at` is the instant of the look that it was shown.
    """

    account: AccountId
    strategy: str
    looked_at: datetime
    openings: tuple[OpeningIntent, ...] = ()
    closings: tuple[ClosingIntent, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class StrategiesWeighed:
    """One look of one strategy in one sleeve: what it proposed, and all that it turned down."""

    account: AccountId
    strategy: str
    week: WeekId
    proposals: tuple[ProposalId, ...]
    turned_down: tuple[TurnedDown, ...]
