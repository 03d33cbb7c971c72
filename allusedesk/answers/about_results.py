"""Answers about what positions and symbols brought: best, worst, won, assigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.answers.answer import Answer, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, percent
from allusedesk.answers.scopes import of_what, scope
from allusedesk.journal.queries.asked import LotEnded, cash_asked, lots_ended

_ROWS_MAX = 20
_SHOWN = 5
_BEFORE = " Realised gains are before commissions; open positions are left out."


@dataclass(frozen=True, slots=True)
class LotResult:
    """What one lot realised over all of its bookings in a span."""

    lot: str
    account: str
    instrument: str
    realised: Decimal
    how: str
    week: str
    entries: tuple[int, ...]

    @property
    def symbol(self) -> str:
        return self.instrument.partition(" ")[0]

    @property
    def what(self) -> str:
        return self.instrument if " " in self.instrument else f"{self.instrument} shares"


def results(found: Sequence[LotEnded]) -> list[LotResult]:
    """The lots that realised anything, each with the sum of its bookings."""
    by_lot: dict[str, list[LotEnded]] = {}
    for one in found:
        by_lot.setdefault(one.lot, []).append(one)
    return [
        LotResult(
            lot,
            own[0].account,
            own[0].instrument,
            sum((one.realised.amount for one in own), Decimal(0)),
            own[-1].how,
            own[-1].week,
            (own[0].opened_sequence, *(one.sequence for one in own)),
        )
        for lot, own in by_lot.items()
    ]


def best_trade(asking: Asking) -> Answer:
    """The positions that realised most."""
    return _ranked(asking, is_best=True)


def worst_trade(asking: Asking) -> Answer:
    """The positions that realised least."""
    return _ranked(asking, is_best=False)


def _ranked(asking: Asking, *, is_best: bool) -> Answer:
    span = asking.within()
    found = results(lots_ended(asking.side, scope(asking)))
    if not found:
        return _none(asking)
    found.sort(key=lambda one: (one.realised, one.lot), reverse=is_best)
    first = found[0]
    sign = 1 if is_best else -1
    if first.realised * sign <= 0:
        what = "gain" if is_best else "loss"
        return asking.nothing(f"No position realised a {what} {span.when}{of_what(asking)}.")
    said = (
        (f"The {'best' if is_best else 'worst'} trade {span.when}{of_what(asking)} was "
        f"{first.what} in {first.account}: "),
        dollars(first.realised, *first.entries, is_signed=True),
        f", ended by {first.how} in {first.week}.{_BEFORE}",
    )  # fmt: skip
    rows = tuple(_row(one) for one in found[:_SHOWN] if one.realised * sign > 0)
    titles = ("position", "sleeve", "ended by", "realised")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def _row(one: LotResult) -> tuple[Part, ...]:
    return (
        one.what,
        one.account,
        f"{one.how}, {one.week}",
        dollars(one.realised, *one.entries, is_signed=True),
    )


def _none(asking: Asking) -> Answer:
    return asking.nothing(f"No position ended {asking.within().when}{of_what(asking)}.")


def best_symbol(asking: Asking) -> Answer:
    """Realised gains by symbol, the largest first."""
    return _by_symbol(asking, is_best=True)


def worst_symbol(asking: Asking) -> Answer:
    """Realised gains by symbol, the smallest first."""
    return _by_symbol(asking, is_best=False)


def _by_symbol(asking: Asking, *, is_best: bool) -> Answer:
    found = results(lots_ended(asking.side, scope(asking)))
    if not found:
        return _none(asking)
    by_symbol: dict[str, list[LotResult]] = {}
    for one in found:
        by_symbol.setdefault(one.symbol, []).append(one)
    sums = {
        symbol: sum((one.realised for one in own), Decimal(0)) for symbol, own in by_symbol.items()
    }
    order = sorted(sums, key=lambda symbol: (sums[symbol], symbol), reverse=is_best)
    rows = tuple(
        (
            symbol,
            fact(len(by_symbol[symbol]), *_entries(by_symbol[symbol])),
            dollars(sums[symbol], *_entries(by_symbol[symbol]), is_signed=True),
        )
        for symbol in order
    )
    span = asking.within()
    said = (
        f"{order[0]} brought {'most' if is_best else 'least'} {span.when}{of_what(asking)}: ",
        dollars(sums[order[0]], *_entries(by_symbol[order[0]]), is_signed=True),
        f".{_BEFORE}",
    )
    titles = ("symbol", "positions ended", "realised")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def _entries(own: Sequence[LotResult]) -> tuple[int, ...]:
    return tuple(one.entries[-1] for one in own)


def symbol_result(asking: Asking) -> Answer:
    """What one symbol realised, with its dividends; without a symbol, each of them."""
    if not asking.slots.symbol:
        return best_symbol(asking)
    span, where = asking.within(), scope(asking)
    found = results(lots_ended(asking.side, where))
    paid = cash_asked(asking.side, where, ("dividend",))
    if not found and not paid:
        return _none(asking)
    whole = sum((one.realised for one in found), Decimal(0))
    income = sum((one.amount.amount for one in paid), Decimal(0))
    said = (
        f"{asking.slots.symbol} {span.when}{asking.of_accounts}: ",
        dollars(whole, *_entries(found), is_signed=True),
        " realised by ",
        count(len(found), "position", _entries(found)),
        ", and ",
        dollars(income, *(one.sequence for one in paid)),
        f" of dividends.{_BEFORE}",
    )
    kinds: dict[tuple[str, str], list[LotResult]] = {}
    for one in found:
        kinds.setdefault((one.account, _holding(one.instrument)), []).append(one)
    rows = tuple(
        (
            account,
            holding,
            fact(len(own), *_entries(own)),
            dollars(sum((x.realised for x in own), Decimal(0)), *_entries(own), is_signed=True),
        )
        for (account, holding), own in sorted(kinds.items())
    )
    titles = ("sleeve", "held", "positions ended", "realised")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def _holding(instrument: str) -> str:
    last = instrument.rpartition(" ")[2]
    return f"{last}s" if " " in instrument else "shares"


def win_rate(asking: Asking) -> Answer:
    """How many positions ended with a gain, and the means of gains and losses."""
    span = asking.within()
    found = results(lots_ended(asking.side, scope(asking)))
    if not found:
        return _none(asking)
    won = [one for one in found if one.realised > 0]
    lost = [one for one in found if one.realised < 0]
    said: list[tuple[Part, ...]] = [
        (
            f"{span.opening}{of_what(asking)} ",
            fact(f"{len(won)} of {len(found)}", *_entries(won)),
            " positions that ended gained, ",
            percent(Decimal(len(won)) / len(found), *_entries(won), places=1),
            f".{_BEFORE}",
        )
    ]
    if won:
        mean = sum((one.realised for one in won), Decimal(0)) / len(won)
        said.append(("A gain was ", dollars(mean, *_entries(won)), " on average."))
    if lost:
        mean = -sum((one.realised for one in lost), Decimal(0)) / len(lost)
        said.append(("A loss was ", dollars(mean, *_entries(lost)), " on average."))
    return asking.answer(*said, about=span.words)


def assignments(asking: Asking) -> Answer:
    """Options assigned or exercised, with the shares that moved."""
    span = asking.within()
    ended = [one for one in lots_ended(asking.side, scope(asking)) if one.how == "assignment"]
    options = [one for one in ended if " " in one.instrument]
    if not options:
        return asking.nothing(f"Nothing was assigned {span.when}{of_what(asking)}.")
    puts = [one for one in options if one.instrument.endswith("put")]
    calls = [one for one in options if one.instrument.endswith("call")]
    said = (
        f"{span.opening}{of_what(asking)}: ",
        count(len(puts), "put", (one.sequence for one in puts)),
        " assigned (shares put to us), ",
        count(len(calls), "call", (one.sequence for one in calls)),
        " assigned (shares called away).",
    )
    rows = tuple(
        (
            one.account,
            one.instrument,
            fact(abs(one.quantity_before - one.quantity_after), one.sequence),
            dollars(one.realised, one.sequence, is_signed=True),
        )
        for one in options[-_ROWS_MAX:]
    )
    titles = ("sleeve", "option", "contracts", "premium realised")
    return asking.answer(said, table=Table(titles, rows), about=span.words)
