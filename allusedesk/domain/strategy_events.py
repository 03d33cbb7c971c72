"""Strategies beside the protocol: switched on and off by a person, and what their looks found."""

from __future__ import annotations

from dataclasses import dataclass

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
class StrategiesWeighed:
    """One look of one strategy in one sleeve: what it proposed, and all that it turned down."""

    account: AccountId
    strategy: str
    week: WeekId
    proposals: tuple[ProposalId, ...]
    turned_down: tuple[TurnedDown, ...]
