"""Answers about what is held: positions, expiries, levels, prices, hedges and LEAPS."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, instant, per_share
from allusedesk.answers.scopes import of_what, scope
from allusedesk.domain.money import Price, total
from allusedesk.journal.queries.asked import LotNow, lots_ended, lots_now, rows_asked
from allusedesk.journal.queries.asked_holdings import last_levels, quotes_last_seen, steps_asked
from allusedesk.journal.queries.asked_weeks import conditions_asked
from allusedesk.journal.read_values import Notice

_ROWS_MAX = 40
_OPTION = re.compile(
    r"^(?P<symbol>\S+) (?P<expiry>\d{4}-\d\d-\d\d) (?P<strike>[\d.]+) (?P<right>\w+)$"
)
_TITLES = ("sleeve", "position", "units", "opened at", "as")
_UPPER_LEVELS = frozenset({"L1", "L2", "L3", "watch", "prepare", "mandatory"})


def positions(asking: Asking) -> Answer:
    """What is open at the record's end, or was at the end of the days asked about."""
    when, lots = _open_lots(asking)
    found = _narrowed(asking, lots)
    if not found:
        return asking.nothing(f"No such position{of_what(asking)} was open {when}.")
    said = (
        count(len(found), "position", (one.opened_sequence for one in found)),
        f"{of_what(asking)} open {when}.",
    )
    rows = tuple(_row(one) for one in found[:_ROWS_MAX])
    return asking.answer(said, table=Table(_TITLES, rows))


def _open_lots(asking: Asking) -> tuple[str, Sequence[LotNow]]:
    """The lots that a question about holdings is about, and as of when, in words."""
    span, at = asking.span, None
    when = f"at the end of the record ({asking.today:%Y-%m-%d})"
    if span is not None and span.last < asking.today:
        at, when = scope(asking).entries[1], f"at the end of {span.last:%a %Y-%m-%d}"
    return when, lots_now(asking.side, asking.slots.accounts, asking.slots.symbol, at)


def cost_basis(asking: Asking) -> Answer:
    """What held shares count as having cost: the strike they came at less the put's premium."""
    when, lots = _open_lots(asking)
    shares = [one for one in lots if " " not in one.instrument]
    if not shares:
        return asking.nothing(
            f"No shares{of_what(asking)} were held {when}, so there is no cost basis."
        )
    by_symbol: dict[str, list[LotNow]] = {}
    for one in shares:
        by_symbol.setdefault(one.instrument, []).append(one)
    said: list[tuple[Part, ...]] = []
    for symbol, own in sorted(by_symbol.items()):
        units = sum(one.quantity for one in own)
        entries = [one.opened_sequence for one in own]
        cost = sum((_stake(one) for one in own), Decimal(0))
        said.append(
            (
                f"{symbol}: ",
                count(units, "share", entries),
                f"{asking.of_accounts} held {when} at a cost basis of ",
                per_share(Price(cost / units), *entries),
                " a share, ",
                dollars(cost, *entries),
                " in all.",
            )
        )
    own_basis = (
        "The basis is the protocol's own: the strike the shares were assigned at less the premium "
        "of that put, or the price paid. What counts for tax stands in the tax report."
    )
    said.append((own_basis,))
    rows = tuple(
        (
            one.account,
            one.instrument,
            fact(one.quantity, one.opened_sequence),
            per_share(one.price_average, one.opened_sequence),
            per_share(one.basis or one.price_average, one.opened_sequence),
            dollars(_stake(one), one.opened_sequence),
        )
        for one in shares[:_ROWS_MAX]
    )
    titles = ("sleeve", "shares of", "units", "came at", "basis a share", "basis")
    return asking.answer(*said, table=Table(titles, rows))


def _narrowed(asking: Asking, found: Sequence[LotNow]) -> list[LotNow]:
    words = asking.plain
    for word, ending in (("put", " put"), ("call", " call")):
        if re.search(rf"\b{word}s?\b", words) and not _names_both(words):
            return [one for one in found if one.instrument.endswith(ending)]
    if re.search(r"\bshares?\b|\bstock held\b", words):
        return [one for one in found if " " not in one.instrument]
    return list(found)


def _names_both(words: str) -> bool:
    return "put" in words and "call" in words


def _row(one: LotNow) -> tuple[Part, ...]:
    return (
        one.account,
        _named(one.instrument),
        fact(one.quantity, one.opened_sequence),
        per_share(one.price_average, one.opened_sequence),
        one.role,
    )


def _named(instrument: str) -> str:
    return instrument if " " in instrument else f"{instrument} shares"


def expiring(asking: Asking) -> Answer:
    """Open options by the day they end."""
    found = []
    for one in lots_now(asking.side, asking.slots.accounts, asking.slots.symbol):
        read = _OPTION.match(one.instrument)
        if read is not None:
            found.append((date.fromisoformat(read["expiry"]), one))
    span = asking.span
    if span is not None and span.last >= asking.today:
        found = [(on, one) for on, one in found if on <= span.last]
    found.sort(key=lambda each: (each[0], each[1].account, each[1].instrument))
    if not found:
        until = f" until {span.last}" if span is not None else ""
        return asking.nothing(f"No option{of_what(asking)} is open that expires{until}.")
    first = found[0][0]
    own = [one for on, one in found if on == first]
    said = (
        count(len(own), "position", (one.opened_sequence for one in own)),
        f"{of_what(asking)} expire{'s' if len(own) == 1 else ''} next, on {first:%a %Y-%m-%d}; ",
        count(len(found), "option position", (one.opened_sequence for _, one in found)),
        " in all.",
    )
    rows = tuple((on.isoformat(), *_row(one)) for on, one in found[:_ROWS_MAX])
    return asking.answer(said, table=Table(("expires", *_TITLES), rows))


def levels(asking: Asking) -> Answer:
    """The level of each open position, with price against its strike; steps of a span if named."""
    if asking.span is not None:
        return _steps(asking)
    lots = lots_now(asking.side, asking.slots.accounts, asking.slots.symbol)
    seen = {one.position: one for one in last_levels(asking.side, [one.id for one in lots])}
    named = {one.id: one for one in lots}
    known = [(named[position], one) for position, one in sorted(seen.items())]
    if not known:
        return asking.nothing(f"No open position{of_what(asking)} has left its calmest level.")
    raised = [(lot, one) for lot, one in known if one.level in _UPPER_LEVELS]
    said = (
        f"Of {len(lots)} open positions{of_what(asking)} ",
        fact(len(raised), *(one.sequence for _, one in raised)),
        " stand above the calmest level."
        if len(raised) != 1
        else " stands above the calmest level.",
    )
    rows = tuple(
        (
            lot.account,
            _named(lot.instrument),
            fact(one.level, one.sequence),
            fact(f"{one.distance:.2f} ATR", one.sequence),
            per_share(one.spot, one.sequence),
        )
        for lot, one in sorted(known, key=lambda each: -each[1].distance)
    )
    titles = ("sleeve", "position", "level", "moved against it", "price then")
    return asking.answer(said, table=Table(titles, rows[:_ROWS_MAX]))


def _steps(asking: Asking) -> Answer:
    span = asking.within()
    found = steps_asked(asking.side, scope(asking))
    if not found:
        return asking.nothing(f"No position changed its level {span.when}{of_what(asking)}.")
    said = (
        f"{span.opening}{of_what(asking)}: ",
        count(len(found), "step", (one.sequence for one in found)),
        " from one level to another.",
    )
    rows = tuple(
        (
            one.account,
            one.instrument,
            fact(f"{one.level_before} to {one.level}", one.sequence),
            fact(f"{one.distance:.2f} ATR", one.sequence),
            per_share(one.spot, one.sequence),
        )
        for one in found[-_ROWS_MAX:]
    )
    titles = ("sleeve", "position", "step", "moved against it", "price")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def price(asking: Asking) -> Answer:
    """Where a symbol, or VIX, was last seen."""
    if not asking.slots.symbol:
        if "vix" in asking.plain or "volatility" in asking.plain:
            return _vix(asking)
        return asking.nothing(
            "Name a symbol that this desk looks at, or VIX, and I say where it was last seen."
        )
    span = asking.within()
    seen = quotes_last_seen(asking.side, asking.slots.symbol, scope(asking).entries[1])
    if seen is None:
        return asking.nothing(f"No quote of {asking.slots.symbol} is on record by then.")
    nature = Nature.MODELLED if seen.is_modelled else Nature.MEASURED
    said: list[tuple[Part, ...]] = [
        (
            f"{asking.slots.symbol} was last seen at ",
            per_share(seen.mark, seen.sequence, nature=nature),
            ", ",
            instant(seen.quoted_at, seen.sequence),
            ", between ",
            per_share(seen.bid, seen.sequence, nature=nature),
            " and ",
            per_share(seen.ask, seen.sequence, nature=nature),
            ".",
        )
    ]
    if seen.atr is not None:
        said.append(("Its average true range of 14 days was ", fact(seen.atr, seen.sequence), "."))
    return asking.answer(*said, about=span.words)


def _vix(asking: Asking) -> Answer:
    found = [one for one in conditions_asked(asking.side, asking.within().weeks) if one.vix]
    if not found:
        return asking.nothing(f"VIX is not on record {asking.within().when}.")
    last = found[-1]
    said = (
        "VIX stood at ",
        fact(f"{last.vix:.2f}", last.sequence),
        f" when the condition of {last.week} was decided, its average of a year at ",
        fact(f"{last.vix_average:.2f}" if last.vix_average is not None else "-", last.sequence),
        ".",
    )
    rows = tuple(
        (one.week, fact(f"{one.vix:.2f}", one.sequence), one.condition or "-") for one in found[-8:]
    )
    low, high = (pick(found, key=lambda one: one.vix or Decimal(0)) for pick in (min, max))
    between = (
        f"{asking.within().opening} it stood between ",
        fact(f"{low.vix:.2f}", low.sequence),
        f" ({low.week}) and ",
        fact(f"{high.vix:.2f}", high.sequence),
        f" ({high.week}) when conditions were decided.",
    )
    return asking.answer(said, between, table=Table(("week", "VIX", "condition"), rows))


def hedges(asking: Asking) -> Answer:
    """Hedges held, hedges bought in a span, and when one was called for."""
    return _of_role(asking, "hedge", "hedge", ("breaker", "hedge"))


def leaps(asking: Asking) -> Answer:
    """The rungs of the LEAPS ladder held and bought."""
    return _of_role(asking, "LEAPS rung", "LEAPS rung", ("ladder",))


def _of_role(asking: Asking, role: str, noun: str, subjects: tuple[str, ...]) -> Answer:
    span = asking.within()
    where = scope(asking)
    held = [one for one in lots_now(asking.side, asking.slots.accounts) if one.role == role]
    bought = asking.side.rows(
        "SELECT opened_sequence FROM lots WHERE role = ? AND opened_sequence BETWEEN ? AND ?",
        (role, *where.entries),
    )
    marks = ", ".join(f"'{subject}'" for subject in subjects)
    notices = rows_asked(asking.side, Notice, "notices", where, f"subject IN ({marks})")
    told = [
        one
        for one in notices
        if noun.partition(" ")[0].lower() in one.text.lower() and "taken back" not in one.text
    ]
    ended = [one for one in lots_ended(asking.side, where) if one.role == role]
    if not held and not bought and not told:
        return asking.nothing(f"No {noun} is on record {span.when}{asking.of_accounts}.")
    said: list[tuple[Part, ...]] = [
        (
            count(len(held), noun, (one.opened_sequence for one in held)),
            f" held now{asking.of_accounts}, ",
            count(len(bought), f"{noun}", (row[0] for row in bought)),
            f" bought {span.when}.",
        )
    ]
    if ended:
        said.append(
            (
                f"Those that ended {span.when} realised ",
                dollars(
                    total([one.realised for one in ended]),
                    *(one.sequence for one in ended),
                    is_signed=True,
                ),
                " before commissions.",
            )
        )
    if told:
        said.append(
            (
                "The record says last: ",
                fact(told[-1].text, told[-1].sequence),
            )
        )
    rows = tuple(_row(one) for one in held[:_ROWS_MAX])
    return asking.answer(*said, table=Table(_TITLES, rows) if rows else None, about=span.words)


def concentration(asking: Asking) -> Answer:
    """What of each symbol is at stake: strikes of puts sold, shares and options at their price."""
    lots = lots_now(asking.side, asking.slots.accounts)
    if not lots:
        return asking.nothing(f"Nothing{asking.of_accounts} is held, so nothing is concentrated.")
    stakes: dict[str, Decimal] = {}
    entries: dict[str, list[int]] = {}
    for one in lots:
        symbol = one.instrument.partition(" ")[0]
        stakes[symbol] = stakes.get(symbol, Decimal(0)) + _stake(one)
        entries.setdefault(symbol, []).append(one.opened_sequence)
    order = sorted(stakes, key=lambda symbol: (-stakes[symbol], symbol))
    wanted = asking.slots.symbol or order[0]
    if wanted not in stakes:
        return asking.nothing(f"Nothing on {wanted} is held{asking.of_accounts}.")
    whole = sum(stakes.values(), Decimal(0)) or Decimal(1)
    said = (
        f"{wanted} is {'' if asking.slots.symbol else 'the largest name, '}",
        fact(f"{stakes[wanted] / whole:.0%}", *entries[wanted]),
        " of what is at stake: ",
        dollars(stakes[wanted], *entries[wanted]),
        " by strikes of puts sold and by what shares and long options cost.",
    )
    rows = tuple(
        (
            symbol,
            dollars(stakes[symbol], *entries[symbol]),
            fact(f"{stakes[symbol] / whole:.0%}", *entries[symbol]),
        )
        for symbol in order
    )
    return asking.answer(said, table=Table(("symbol", "at stake", "share"), rows))


def _stake(one: LotNow) -> Decimal:
    read = _OPTION.match(one.instrument)
    if read is None:
        return one.quantity * (one.basis or one.price_average).per_unit
    if one.quantity < 0:
        is_put = read["right"] == "put"
        return -one.quantity * 100 * Decimal(read["strike"]) if is_put else Decimal(0)
    return one.quantity * 100 * one.price_average.per_unit
