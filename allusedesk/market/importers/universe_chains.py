"""LEAN's chain tables: one day's listed contracts with last prices, open interest and greeks."""

from __future__ import annotations

import math
import re
from datetime import date

import numpy as np

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.contract_terms import ExerciseStyle, Settlement
from allusedesk.market.history import (
    Dates,
    Defect,
    Effect,
    FileRefused,
    Flags,
    Floats,
    RecordedChain,
)
from allusedesk.market.importers.bar_rows import PRICE_MAX
from allusedesk.market.importers.option_columns import (
    INDEX_OF_ROOT,
    Findings,
    checked_volatilities,
    coded,
    column_table_of,
    days_of,
    floats_of,
    places_of,
    repeated,
)
from allusedesk.market.importers.tables import day_of
from allusedesk.market.intraday import contract_keys

COLUMNS = {
    "expiry": ("expiry",),
    "strike": ("strike",),
    "right": ("right",),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume",),
    "open interest": ("openinterest",),
    "implied volatility": ("impliedvolatility",),
}
_FIGURES = tuple(name for name in COLUMNS if name not in ("expiry", "right"))
_NAME = re.compile(r"(?:.*/)?([A-Za-z.]{1,6})/(\d{8})\.csv(?:\.gz)?")
# A price by put and call that far from the underlying's is that of another deliverable.
_SCALE_APART = 1.5
# Fewer contracts than this are a part of any chain that is listed.
_CONTRACTS_MIN = 50


def universe_name(file: str) -> tuple[str, date] | None:
    """Return symbol and day of a chain table, told by its folder and its name."""
    match = _NAME.fullmatch(file.replace("\\", "/"))
    day = day_of(match[2]) if match else None
    return None if match is None or day is None else (match[1].upper(), day)


def read_universe_chain(
    file: str, text: bytes, calendar: ExchangeCalendar
) -> tuple[RecordedChain, tuple[Defect, ...]]:
    """Return the chain of one table at its day's close, without quotes. Raises FileRefused.

    The first row without an expiry is the underlying; without one its price is NaN. Contracts
    whose put and call tell of another price of the underlying (from before a split) are kept and
    marked as not standard. A table in which nothing has a price is refused.
    """
    named = universe_name(file)
    if named is None:
        raise FileRefused(file, "its folder and name do not say which symbol and day it is about")
    root, day = named
    symbol, is_index = INDEX_OF_ROOT.get(root, root), root in INDEX_OF_ROOT
    if not calendar.first <= day <= calendar.last or not calendar.is_session(day):
        raise FileRefused(file, f"the exchange was closed on {day}")
    table, found = column_table_of(file, text)
    places = places_of(file, table.header, COLUMNS)
    cells = {name: table.columns[place] for name, place in places.items()}
    figures = {name: floats_of([cell or "nan" for cell in cells[name]]) for name in _FIGURES}
    is_underlying = np.array([not cell.strip() for cell in cells["expiry"]])
    spot = _underlying(found, figures, is_underlying)
    expiries = days_of(cells["expiry"])
    rights, words = coded(cells["right"])
    is_put = np.array([word == "P" for word in words])[rights]
    is_right = np.array([word in ("P", "C") for word in words])[rights]
    is_kept = _sound(found, figures, expiries, is_put, is_right, is_underlying, day)
    found.keep(is_kept)
    figures = {name: column[is_kept] for name, column in figures.items()}
    expiries, is_put = expiries[is_kept], is_put[is_kept]
    _without_negative_counts(found, figures)
    _refuse_shell(found, figures, spot)
    is_standard = _of_one_scale(found, figures, expiries, is_put, spot)
    if len(is_put) < _CONTRACTS_MIN:
        found.tell("", f"it holds {len(is_put)} contracts only, a small part of any chain")
    absent = np.full(len(is_put), math.nan)
    lasts = figures["close"]
    return RecordedChain(
        underlying=symbol,
        taken_at=calendar.session(day).closes_at,
        underlying_price=spot,
        expiries=expiries,
        is_put=is_put,
        strikes=figures["strike"],
        bids=absent,
        asks=absent,
        lasts=np.where(lasts > 0.0, lasts, math.nan),
        volumes=np.where(figures["volume"] >= 0.0, figures["volume"], 0.0),
        open_interests=figures["open interest"],
        implied_volatilities=checked_volatilities(found, figures["implied volatility"]),
        has_standard_deliverable=is_standard,
        origin=file,
        exercise=ExerciseStyle.EUROPEAN if is_index else ExerciseStyle.AMERICAN,
        settlement=Settlement.CASH if is_index else Settlement.PHYSICAL,
        roots=np.full(len(is_put), root) if is_index else None,
    ), tuple(found.defects)


def _underlying(found: Findings, figures: dict[str, Floats], is_underlying: Flags) -> float:
    if not is_underlying.any():
        reason = (
            "it has no row of the underlying, whose price is therefore unknown; its first row is "
            f"a contract at {float(figures['close'][0]):g}"
        )
        found.tell("underlying price", reason)
        return math.nan
    row = int(np.argmax(is_underlying))
    one = np.zeros(len(is_underlying), dtype=np.bool_)
    one[row] = True
    close, high, low = (float(figures[name][row]) for name in ("close", "high", "low"))
    if not 0.0 < close < PRICE_MAX:
        found.note(one, "underlying price", "the underlying has no close", Effect.VALUE_IGNORED)
        return math.nan
    if not low <= close <= high:
        reason = f"the underlying's close {close:g} lies outside its range {low:g} to {high:g}"
        found.note(one, "underlying price", reason, Effect.NOTED)
    return close


def _sound(
    found: Findings,
    figures: dict[str, Floats],
    expiries: Dates,
    is_put: Flags,
    is_right: Flags,
    is_underlying: Flags,
    day: date,
) -> Flags:
    """Return which rows are contracts that can be used; the others are refused."""
    is_asked = ~is_underlying
    strikes, closes = figures["strike"], figures["close"]
    is_contract = is_right & ~np.isnat(expiries) & (strikes > 0.0) & (strikes < PRICE_MAX)
    reason = "the expiry, the strike or the right cannot be read"
    found.note(is_asked & ~is_contract, "contract", reason, Effect.ROW_REFUSED)
    is_kept = is_asked & is_contract
    is_over = is_kept & (expiries < np.datetime64(day, "D"))
    found.note(is_over, "expiry", "the contract had expired before that day", Effect.ROW_REFUSED)
    is_kept &= ~is_over
    is_price = np.isnan(closes) | ((closes >= 0.0) & (closes < PRICE_MAX))
    found.note(is_kept & ~is_price, "close", "the close is no price", Effect.ROW_REFUSED)
    is_kept &= is_price
    keys = contract_keys(expiries, is_put, np.where(is_kept, strikes, 0.0))
    is_repeat = is_kept & repeated(np.where(is_kept, keys, -np.arange(len(keys))))
    reason = "the contract stands in a row before"
    found.note(is_repeat, "contract", reason, Effect.ROW_REFUSED)
    return np.asarray(is_kept & ~is_repeat)


def _without_negative_counts(found: Findings, figures: dict[str, Floats]) -> None:
    for name in ("volume", "open interest"):
        is_below = figures[name] < 0.0
        reason = f"the {name} is below zero; it stays unknown"
        found.note(is_below, name, reason, Effect.VALUE_IGNORED)
        figures[name] = np.where(is_below, math.nan, figures[name])


def _refuse_shell(found: Findings, figures: dict[str, Floats], spot: float) -> None:
    is_empty = ~(figures["close"] > 0.0)
    if is_empty.all() and np.isnan(figures["open interest"]).all():
        reason = (
            f"none of its {len(is_empty):,} contracts has a price or an open interest: it is an "
            f"empty shell (underlying {spot:g})"
        )
        raise FileRefused(found.file, reason)
    reason = "the contract has no price"
    found.note(is_empty, "close", reason, Effect.VALUE_IGNORED)
    reason = "there is no open interest; it stays unknown"
    found.note(np.isnan(figures["open interest"]), "open interest", reason, Effect.NOTED)


def _of_one_scale(
    found: Findings, figures: dict[str, Floats], expiries: Dates, is_put: Flags, spot: float
) -> Flags:
    """Return which contracts belong to the underlying's price, by the parity of put and call.

    Call less put plus strike is the underlying's price but for carry, far less than a split.
    """
    is_standard = np.ones(len(is_put), dtype=np.bool_)
    closes, strikes = figures["close"], figures["strike"]
    keys = contract_keys(expiries, np.zeros(len(is_put), dtype=np.bool_), strikes)
    priced = closes > 0.0
    calls, puts = np.flatnonzero(priced & ~is_put), np.flatnonzero(priced & is_put)
    common, of_calls, of_puts = np.intersect1d(keys[calls], keys[puts], return_indices=True)
    if not len(common) or math.isnan(spot):
        return is_standard
    calls, puts = calls[of_calls], puts[of_puts]
    scales = (closes[calls] - closes[puts] + strikes[calls]) / spot
    is_apart = (scales > _SCALE_APART) | (scales < 1.0 / _SCALE_APART)
    if is_apart.any():
        is_standard = ~np.isin(keys, common[is_apart])
        reason = (
            "put and call tell that the underlying costs about "
            f"{float(np.median(scales[is_apart])):.1f} times its price: the strike is from before "
            "a split; the contract counts as not standard"
        )
        found.note(~is_standard, "strike", reason, Effect.VALUE_IGNORED)
    return is_standard
