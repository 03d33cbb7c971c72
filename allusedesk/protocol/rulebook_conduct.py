"""What law and broker hold an account to, beside the protocol's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


class AccountType(Enum):
    """How the broker keeps the account; unknown is held to the rules of both."""

    CASH = "cash"
    MARGIN = "margin"
    UNKNOWN = "unknown"


class RegimeKind(Enum):
    """The two ways in which day trading is regulated."""

    LEGACY_PDT = "legacy-pdt"
    INTRADAY_MARGIN = "intraday-margin"


@dataclass(frozen=True, slots=True)
class Regime:
    """One way and the days on which a broker may apply it; without `until` it goes on."""

    kind: RegimeKind
    effective_from: date
    source: str
    effective_until: date | None = None

    def applies_on(self, day: date) -> bool:
        return self.effective_from <= day and (
            self.effective_until is None or day <= self.effective_until
        )


@dataclass(frozen=True, slots=True)
class ApprovalLevels:
    """The options approval level that each kind of opening needs at this broker."""

    covered: int
    cash_secured: int
    long_option: int
    spread: int
    uncovered: int


@dataclass(frozen=True, slots=True)
class SymbolLimit:
    """A position limit that differs from the profile's: contracts on the same side."""

    symbol: str
    contracts: int


@dataclass(frozen=True, slots=True)
class ConductRules:
    """A broker's profile, dated; every number has its source beside it in the file.

    `day_trades_max` may be made in `day_trade_days` calendar days, the present one among them,
    by an account below `day_trade_equity_min`. `contracts_max` is the number of contracts on the
    same side of the market in one underlying.
    """

    profile: str
    effective_from: date
    account: AccountType
    regimes: tuple[Regime, ...]
    options_level: int
    levels: ApprovalLevels
    day_trades_max: int
    day_trade_days: int
    day_trade_equity_min: Decimal
    contracts_max: int
    contracts: tuple[SymbolLimit, ...] = ()

    def contracts_of(self, symbol: str) -> int:
        """The position limit of a symbol."""
        for limit in self.contracts:
            if limit.symbol == symbol:
                return limit.contracts
        return self.contracts_max
