"""End-of-day tables of index options as CBOE writes them: one row per contract and quote date."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

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
from allusedesk.market.importers.option_columns import (
    INDEX_OF_ROOT,
    Findings,
    check_prices,
    checked_counts,
    checked_quotes,
    checked_volatilities,
    coded,
    column_table_of,
    days_of,
    floats_of,
    places_of,
    repeated,
)
from allusedesk.market.importers.tables import folded
from allusedesk.market.intraday import contract_keys

COLUMNS = {
    "underlying": ("underlying",),
    "underlying price": ("underlyinglast",),
    "contract": ("optionroot",),
    "right": ("type",),
    "expiry": ("expiration",),
    "quote date": ("quotedate",),
    "strike": ("strike",),
    "last": ("last",),
    "bid": ("bid",),
    "ask": ("ask",),
    "volume": ("volume",),
    "open interest": ("openinterest",),
    "implied volatility": ("impliedvol",),
}
_PRICES = ("underlying price", "strike", "last", "bid", "ask")
_COUNTS = ("volume", "open interest")
_UNDERLYING_SIDES = {"underlyingbid", "underlyingask"}
# Of SPXW190426C00800000: expiry, right and strike in thousandths, behind the root.
_TAIL_LENGTH = 15
_POWERS = 10.0 ** np.arange(7, -1, -1)


class _Rows:
    """The columns of the rows still used, all of one length."""

    def __init__(self, cells: Mapping[str, Sequence[str]]) -> None:
        self.expiries = days_of(cells["expiry"])
        self.days = days_of(cells["quote date"])
        rights, words = coded(cells["right"])
        self.is_put = np.array([word == "put" for word in words])[rights]
        is_right = np.array([word in ("put", "call") for word in words])[rights]
        self.figures = {
            name: floats_of(cells[name]) for name in (*_PRICES, *_COUNTS, "implied volatility")
        }
        symbols = cells["contract"]
        self.roots, self.root_names = coded([symbol[:-_TAIL_LENGTH] for symbol in symbols])
        self.underlyings, self.underlying_names = coded(cells["underlying"])
        self.agrees = self._agreement(symbols) & is_right

    def _agreement(self, symbols: Sequence[str]) -> Flags:
        """Tell which option symbols say what the expiry, right and strike of their row say."""
        tails = "".join([symbol[-_TAIL_LENGTH:].rjust(_TAIL_LENGTH) for symbol in symbols])
        letters = np.frombuffer(tails.encode("ascii", "replace"), dtype=np.uint8)
        digits = letters.reshape(-1, _TAIL_LENGTH).astype(np.float64) - ord("0")
        right = digits[:, 6] + ord("0")
        is_digit = ((digits >= 0) & (digits <= 9)).sum(axis=1) == _TAIL_LENGTH - 1
        written, strikes = digits[:, :6] @ _POWERS[2:], digits[:, 7:] @ _POWERS
        months = self.expiries.astype("datetime64[M]")
        of_month = (self.expiries - months).astype(np.int64) + 1
        number = months.astype(np.int64)
        expected = (number // 12 + 1970) % 100 * 10_000 + (number % 12 + 1) * 100 + of_month
        agrees: Flags = is_digit & (written == expected) & ~np.isnat(self.expiries)
        agrees &= right == np.where(self.is_put, ord("P"), ord("C"))
        # A strike beyond all bounds is infinite here and agrees with nothing.
        with np.errstate(over="ignore"):
            return agrees & (np.abs(self.figures["strike"] * 1000.0 - strikes) < 0.5)

    def keep(self, is_kept: Flags) -> None:
        """Go on with these rows only."""
        if is_kept.all():
            return
        for name in ("expiries", "days", "is_put", "agrees", "roots", "underlyings"):
            setattr(self, name, getattr(self, name)[is_kept])
        self.figures = {name: column[is_kept] for name, column in self.figures.items()}


def read_cboe_chains(
    file: str, text: bytes, calendar: ExchangeCalendar
) -> tuple[tuple[RecordedChain, ...], tuple[Defect, ...]]:
    """Return one chain per underlying and quote date, oldest first. Raises FileRefused.

    The table does not say when in the day it was taken: the session's close is the latest it can
    have been, and `taken_at` is that close. A file of nothing but closed days is refused.
    """
    table, found = column_table_of(file, text)
    places = places_of(file, table.header, COLUMNS)
    rows = _Rows({name: table.columns[place] for name, place in places.items()})
    _refuse_bad_rows(found, rows)
    _refuse_repeats(found, rows)
    _refuse_closed_days(found, rows, calendar)
    figures = rows.figures
    figures["bid"], figures["ask"] = checked_quotes(found, figures["bid"], figures["ask"])
    figures["implied volatility"] = checked_volatilities(found, figures["implied volatility"])
    for name in _COUNTS:
        figures[name] = checked_counts(found, name, figures[name])
    if not _UNDERLYING_SIDES & {folded(name) for name in table.header}:
        found.tell("underlying price", "the underlying has a last price and neither bid nor ask")
    reason = "the time of the quotes is not stored; the session's close is the latest it can be"
    found.tell("quote date", f"{reason} and is taken for it")
    chains = [
        _chain(file, rows, code, day, calendar)
        for day in np.unique(rows.days)
        for code in np.unique(rows.underlyings[rows.days == day]).tolist()
    ]
    return tuple(chains), tuple(found.defects)


def _refuse_bad_rows(found: Findings, rows: _Rows) -> None:
    reason = "the option symbol does not agree with the strike, right or expiry"
    found.note(~rows.agrees, "contract", reason, Effect.ROW_REFUSED)
    is_kept = rows.agrees.copy()
    is_dated = ~np.isnat(rows.days)
    found.note(is_kept & ~is_dated, "quote date", "there is no quote date", Effect.ROW_REFUSED)
    is_kept &= is_dated
    is_its_own = np.array(
        [
            [INDEX_OF_ROOT.get(root, root) == symbol for symbol in rows.underlying_names]
            for root in rows.root_names
        ]
    )[rows.roots, rows.underlyings]
    reason = "the option symbol belongs to another underlying"
    found.note(is_kept & ~is_its_own, "underlying", reason, Effect.ROW_REFUSED)
    is_kept &= is_its_own
    for name in _PRICES:
        is_needed = name in ("underlying price", "strike")
        is_kept &= check_prices(found, name, rows.figures[name], is_needed=is_needed)
    is_over = is_kept & (rows.expiries < rows.days)
    found.note(is_over, "expiry", "the contract had expired before its quote", Effect.ROW_REFUSED)
    is_kept &= ~is_over
    found.keep(is_kept)
    rows.keep(is_kept)


def _refuse_repeats(found: Findings, rows: _Rows) -> None:
    """Keep the first row of a contract and day, and one underlying price per day."""
    days = rows.days.astype(np.int64)
    keys = contract_keys(rows.expiries, rows.is_put, rows.figures["strike"])
    is_repeat = repeated(keys, days, rows.roots, rows.underlyings)
    found.note(is_repeat, "contract", "the contract stands in a row before", Effect.ROW_REFUSED)
    groups = days * len(rows.underlying_names) + rows.underlyings
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    spots = rows.figures["underlying price"]
    is_other = (spots != spots[first][group]) & ~is_repeat
    reason = "the underlying price differs from that in the rows before"
    found.note(is_other, "underlying price", reason, Effect.ROW_REFUSED)
    is_kept = ~is_repeat & ~is_other
    found.keep(is_kept)
    rows.keep(is_kept)


def _refuse_closed_days(found: Findings, rows: _Rows, calendar: ExchangeCalendar) -> None:
    days = np.unique(rows.days)
    is_session = np.isin(days, calendar.session_dates)
    if not is_session.any():
        which = f"on {days[0]}" if len(days) == 1 else f"on all {len(days)} days it speaks of"
        reason = (
            f"the exchange was closed {which}; such a table repeats the close before and is no "
            "quote of its date"
        )
        raise FileRefused(found.file, reason)
    is_open = np.isin(rows.days, days[is_session])
    for day in days[~is_session]:
        reason = f"the exchange was closed on {day}; the quotes repeat an earlier close"
        found.note(rows.days == day, "quote date", reason, Effect.ROW_REFUSED)
    found.keep(is_open)
    rows.keep(is_open)


def _chain(
    file: str, rows: _Rows, code: int, day: np.datetime64, calendar: ExchangeCalendar
) -> RecordedChain:
    symbol = rows.underlying_names[code]
    chosen = np.flatnonzero((rows.days == day) & (rows.underlyings == code))
    figures: dict[str, Floats] = {name: column[chosen] for name, column in rows.figures.items()}
    is_index = symbol in INDEX_OF_ROOT.values()
    expiries: Dates = rows.expiries[chosen]
    return RecordedChain(
        underlying=symbol,
        taken_at=calendar.session(day.astype(object)).closes_at,
        underlying_price=float(figures["underlying price"][0]),
        expiries=expiries,
        is_put=rows.is_put[chosen],
        strikes=figures["strike"],
        bids=figures["bid"],
        asks=figures["ask"],
        lasts=np.where(figures["last"] > 0.0, figures["last"], math.nan),
        volumes=figures["volume"],
        open_interests=figures["open interest"],
        implied_volatilities=figures["implied volatility"],
        has_standard_deliverable=np.ones(len(chosen), dtype=np.bool_),
        origin=file,
        exercise=ExerciseStyle.EUROPEAN if is_index else ExerciseStyle.AMERICAN,
        settlement=Settlement.CASH if is_index else Settlement.PHYSICAL,
        roots=np.array(rows.root_names)[rows.roots[chosen]],
    )
