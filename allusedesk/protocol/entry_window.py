"""Whether a tier may enter now: its day, its window, its freezes (sections 2, 4 and 14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.proposals import Comparison, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot, OptionChain, Underlying
from allusedesk.domain.weeks import Session, TradingWeek
from allusedesk.protocol.earnings import ALLOW, REFUSE
from allusedesk.protocol.rulebook import AccountRules, Condition, Rulebook
from allusedesk.protocol.schedule import (
    NEW_YORK,
    entry_dates,
    entry_window,
    is_moved_to_quotes,
)
from allusedesk.protocol.verdicts import Verdict, compared, exact, written
from allusedesk.protocol.views import SleeveView

_NAME_AT_QUOTES = "time in New York, the window moved to the only quotes recorded"


@dataclass(frozen=True, slots=True)
class EntryLook:
    """One look at one sleeve's window, with everything its rules may read."""

    view: SleeveView
    snapshot: MarketSnapshot
    condition: Condition | None
    deploy: Decimal
    week: TradingWeek
    session: Session
    now: datetime
    rulebook: Rulebook

    @property
    def rules(self) -> AccountRules:
        return self.rulebook.account(self.view.kind)

    @property
    def today(self) -> date:
        return self.session.date


@dataclass(frozen=True, slots=True)
class SeenSymbol:
    """An underlying and its chain, both fit to enter on."""

    underlying: Underlying
    chain: OptionChain
    spot: Decimal


def judge_instant(
    kind: AccountKind,
    condition: Condition | None,
    week: TradingWeek,
    now: datetime,
    rulebook: Rulebook,
) -> Verdict:
    """Allow on a tier's entry days, inside its window, both ends included."""
    local = now.astimezone(NEW_YORK)
    dates = entry_dates(kind, condition, week, rulebook)
    shown = ", ".join(str(day) for day in dates) or "none this week"
    day = compared("entry day", str(local.date()), f"one of {shown}", passed=local.date() in dates)
    session = week.session_on(local.date())
    if not day.passed or session is None:
        return Verdict(REFUSE, "entry.day", (day,))
    opens, closes = (at.astimezone(NEW_YORK) for at in entry_window(kind, session, rulebook))
    window = compared(
        _NAME_AT_QUOTES if is_moved_to_quotes(kind, session, rulebook) else "time in New York",
        f"{local:%H:%M:%S}",
        f"{opens:%H:%M:%S} to {closes:%H:%M:%S}",
        passed=opens <= local <= closes,
    )
    return Verdict(ALLOW if window.passed else REFUSE, "entry.window", (day, window))


def see_symbol(look: EntryLook, symbol: str) -> SeenSymbol | TurnedDown:
    """A symbol's market where it is fresh, whole and open to entries."""
    seen = look.snapshot.underlying(symbol)
    if seen is None or seen.quote.mark is None:
        return TurnedDown(symbol, "quote.none", "no price")
    if seen.is_halted:
        return TurnedDown(symbol, "underlying.halted", "trading is halted")
    if seen.is_frozen_for_action:
        reason = "a corporate action is announced and its terms are not loaded"
        return TurnedDown(symbol, "corporate_action.freeze", reason)
    age = exact(seen.quote.age_seconds(look.now))
    most = look.rulebook.quotes.age_seconds_max
    if age > most:
        value = f"{written(age)} s"
        return TurnedDown(symbol, "quote.age", "old price", value, f"at most {written(most)} s")
    chain = look.snapshot.chain(symbol)
    if chain is None or not chain.quotes:
        return TurnedDown(symbol, "chain.none", "no chain, the trade is skipped")
    return SeenSymbol(seen, chain, seen.quote.mark.per_unit)


def frozen(view: SleeveView, symbol: str, *passing: str) -> TurnedDown | None:
    """The freeze that bars a symbol, if any; those with a reason among `passing` do not."""
    for freeze in view.freezes:
        if freeze.symbol in ("", symbol) and freeze.reason not in passing:
            return TurnedDown(symbol, "freeze.entries", freeze.reason)
    return None


def refused(candidate: str, verdict: Verdict) -> TurnedDown:
    """A verdict as the reason a candidate was turned down."""
    failed: Comparison = next(item for item in verdict.comparisons if not item.passed)
    return TurnedDown(candidate, verdict.rule, failed.name, failed.value, failed.limit)
