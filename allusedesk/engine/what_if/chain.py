"""An option chain as a screen shows it: strikes with both rights, and what the rules look for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.commands import Watch
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Price
from allusedesk.domain.quotes import ChainWish, MarketSnapshot, OptionChain, Quote
from allusedesk.engine.state import NEW_YORK, DeskState
from allusedesk.protocol.market_condition import delta_shift
from allusedesk.protocol.rulebook import Condition
from allusedesk.protocol.rulebook_ranges import DeltaBand

# Without a choice the rows of two months are looked at, among which a tier's days lie.
_DAYS_LISTED = 62
# A wish for a day this far out has no row, and lists every expiry up to it, LEAPS among them.
_DAYS_FARTHEST = 800


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One strike; a side nobody quotes is None. `is_put_in_band` and the like name the rule's."""

    strike: Decimal
    call: Quote | None
    put: Quote | None
    is_at_money: bool
    is_call_in_band: bool
    is_put_in_band: bool


@dataclass(frozen=True, slots=True)
class ChainLook:
    """One expiry of a chain at one instant, for eyes alone.

    `band` is the tier's delta band with the week's condition in it; `days_wanted` its days to
    expiry. `age_seconds_max` is when a quote is stale. `notes` say what is missing.
    """

    underlying: str
    at: datetime
    spot: Price | None
    expiry: date | None
    expiries: tuple[date, ...]
    rows: tuple[ChainRow, ...]
    band: DeltaBand
    days_wanted: tuple[int, int]
    age_seconds_max: float
    is_modelled: bool
    snapshot: MarketSnapshot
    notes: tuple[str, ...]

    def days_to(self, expiry: date) -> int:
        """Calendar days from now to an expiry."""
        return (expiry - self.at.astimezone(NEW_YORK).date()).days


def watch_of(symbol: str, at: datetime, expiry: date | None) -> Watch:
    """What has to be looked at for one expiry; without one, for whatever is listed."""
    rights = (Right.PUT, Right.CALL)
    days = _DAYS_LISTED if expiry is None else (expiry - at.astimezone(NEW_YORK).date()).days
    rows = ChainWish(symbol, rights, 0 if expiry is None else days, days)
    listing = ChainWish(symbol, rights, _DAYS_FARTHEST, _DAYS_FARTHEST)
    return Watch(symbols=(symbol,), chains=(rows, listing))


def chain_of(
    state: DeskState, snapshot: MarketSnapshot, symbol: str, kind: AccountKind, expiry: date | None
) -> ChainLook:
    """One expiry of a symbol's chain: that asked for, else the first in the tier's days.

    Raises ValueError before the desk was opened.
    """
    rules = state.rules
    wanted = rules.account(kind)
    band = wanted.delta.shifted(delta_shift(_condition(state), rules))
    days = wanted.days_to_expiry.low, wanted.days_to_expiry.high
    seen, chain = snapshot.underlying(symbol), snapshot.chain(symbol)
    spot = seen.quote.mark if seen is not None else None
    today = snapshot.taken_at.astimezone(NEW_YORK).date()
    expiries = chain.expiries if chain is not None else ()
    shown = expiry if expiry in expiries else _first_wanted(expiries, today, days)
    rows = _rows(chain, shown, spot, band) if chain is not None and shown is not None else ()
    return ChainLook(
        underlying=symbol,
        at=snapshot.taken_at,
        spot=spot,
        expiry=shown,
        expiries=expiries,
        rows=rows,
        band=band,
        days_wanted=days,
        age_seconds_max=float(rules.quotes.age_seconds_max),
        is_modelled=chain is not None and chain.is_modelled,
        snapshot=snapshot,
        notes=snapshot.defects,
    )


def _condition(state: DeskState) -> Condition | None:
    return None if state.condition is None else Condition(state.condition.condition)


def _first_wanted(expiries: tuple[date, ...], today: date, days: tuple[int, int]) -> date | None:
    """The first expiry among the tier's days; else the one nearest to them."""
    inside = [one for one in expiries if days[0] <= (one - today).days <= days[1]]
    if inside:
        return inside[0]
    return min(expiries, key=lambda one: abs((one - today).days - days[0]), default=None)


def _rows(
    chain: OptionChain, expiry: date, spot: Price | None, band: DeltaBand
) -> tuple[ChainRow, ...]:
    sides: dict[Decimal, dict[Right, Quote]] = {}
    for right in Right:
        for quote in chain.of(right, expiry):
            if isinstance(quote.instrument, OptionContract):
                sides.setdefault(quote.instrument.strike, {})[right] = quote
    nearest = None
    if spot is not None and sides:
        at = spot.per_unit
        nearest = min(sides, key=lambda strike: (abs(strike - at), strike))
    return tuple(
        ChainRow(
            strike=strike,
            call=sides[strike].get(Right.CALL),
            put=sides[strike].get(Right.PUT),
            is_at_money=strike == nearest,
            is_call_in_band=_holds(band, sides[strike].get(Right.CALL)),
            is_put_in_band=_holds(band, sides[strike].get(Right.PUT)),
        )
        for strike in sorted(sides)
    )


def _holds(band: DeltaBand, quote: Quote | None) -> bool:
    if quote is None or quote.greeks is None:
        return False
    return band.holds(Decimal(repr(round(quote.greeks.delta_quoted, 4))))
