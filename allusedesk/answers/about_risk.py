"""Answers about risk: what-if questions go to the risk engines, the rest to the record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking, BookMeasured, BookUnder, NamedLoss
from allusedesk.answers.phrasing import count, dollars, fact
from allusedesk.answers.scopes import scope, this_week
from allusedesk.journal.queries.asked import rows_asked
from allusedesk.journal.queries.asked_weeks import conditions_asked
from allusedesk.journal.read_values import Notice

_ROWS_MAX = 20
_MOVE, _VIX_RISE = -10, 20
_RATES = re.compile(r"\b(?:rates?|yields?|the fed|basis points|bps)\b")
_EMPTY = "Nothing but cash is held at the end of the record, so nothing is at risk of the market."


def what_if_price(asking: Asking) -> Answer:
    """Each lot under a move of prices; 10% down where no move was named."""
    asked = asking.slots.percent
    if _RATES.search(asking.plain):
        return _rates(asking, float(1 if asked is None else asked))
    move = float(_MOVE if asked is None else asked)
    symbol = asking.slots.symbol if asking.slots.symbol in _held(asking) else ""
    index = asking.slots.symbol and not symbol
    found = asking.risk.suppose(max(move, -99.0) / 100.0, 1.0, symbol, 0.0)
    what = f"{symbol} alone" if symbol else "every price"
    head = f"If {what} moved by {move:+g}% at once, volatilities unchanged"
    notes = () if asked is not None else ("No move was named, so 10% down is taken.",)
    if index:
        notes = (*notes, f"{asking.slots.symbol} itself is not held: every symbol moves as much.")
    return _supposed(asking, found, head, notes)


def _rates(asking: Asking, points: float) -> Answer:
    found = asking.risk.rates(points / 100.0)
    if not found.figures:
        return asking.nothing(_EMPTY)
    one, kind = found.figures[0], Nature.MODELLED
    said = (
        f"If short rates moved by {points:+g} percentage points at once and nothing else, ",
        f"the book would {'gain' if one.amount >= 0 else 'lose'} ",
        dollars(abs(one.amount), found.seen_in, nature=kind),
        ".",
    )
    rows = tuple(
        (name, dollars(amount, found.seen_in, nature=kind, is_signed=True))
        for name, amount in one.parts
    )
    return asking.answer(said, _of_all(asking), table=Table(("symbol", "gain or loss"), rows))


def _of_all(asking: Asking) -> tuple[Part, ...]:
    """That a figure is the whole book's, where a sleeve was named."""
    return ("This is the whole book's; it is not told by sleeve.",) if asking.slots.accounts else ()


def _held(asking: Asking) -> set[str]:
    rows = asking.side.column("SELECT instrument FROM lots WHERE closed_sequence IS NULL")
    return {str(one).partition(" ")[0] for one in rows}


def what_if_vix(asking: Asking) -> Answer:
    """Each lot under higher or lower volatilities; 20% up where no change was named."""
    asked, points = asking.slots.percent, asking.slots.amount
    to = asking.slots.number
    if points is not None or to is not None:
        now = asking.risk.suppose(0.0, 1.0, "", 0.0).vix
        step = float(points) if points is not None else float(to or 0) - (now or 0.0)
        if now is None:
            return asking.nothing("VIX is not on record, so points of it mean nothing here.")
        found = asking.risk.suppose(0.0, 1.0, "", step)
        head = f"If VIX moved by {step:+.2f} points from {now:.2f} and volatilities in proportion"
        return _supposed(asking, found, head, ())
    change = float(_VIX_RISE if asked is None else asked)
    found = asking.risk.suppose(0.0, max(1.0 + change / 100.0, 0.01), "", 0.0)
    notes = () if asked is not None else ("No change was named, so 20% up is taken.",)
    head = f"If VIX and every implied volatility moved by {change:+g}% of itself, prices unchanged"
    return _supposed(asking, found, head, notes)


def _supposed(asking: Asking, found: BookUnder, head: str, notes: Sequence[str]) -> Answer:
    wanted = asking.slots.accounts
    lots = [one for one in found.lots if not wanted or one.account in wanted]
    if not lots:
        return asking.nothing(_EMPTY if not wanted else f"Nothing{asking.of_accounts} is held.")
    whole = sum(one.gain for one in lots)
    kind = Nature.MODELLED
    entries = tuple(one.entry for one in lots)
    worst = lots[0]
    said: list[tuple[Part, ...]] = [
        (
            f"{head}, the book{asking.of_accounts} would ",
            "gain " if whole >= 0 else "lose ",
            dollars(abs(whole), found.seen_in, *entries, nature=kind),
            "; ",
        )
    ]
    if worst.gain < 0:
        said[0] = (*said[0], f"the worst is {worst.instrument} in {worst.account}: ",
                   dollars(worst.gain, worst.entry, found.seen_in, nature=kind), ".")  # fmt: skip
    else:
        said[0] = (*said[0], "no position loses.")
    said += [(note,) for note in notes]
    said.append(
        (
            "Full revaluation by the quotes of entry ",
            fact(found.seen_in, found.seen_in),
            "; the same engines as the Risk panel.",
        )
    )
    if found.unpriced:
        said.append(
            (f"Counted at intrinsic value for want of a quote: {', '.join(found.unpriced)}.",)
        )
    rows = tuple(
        (
            one.account,
            one.instrument,
            fact(one.quantity, one.entry),
            dollars(one.gain, one.entry, nature=kind, is_signed=True),
        )
        for one in lots[:_ROWS_MAX]
    )
    titles = ("sleeve", "position", "units", "gain or loss")
    return asking.answer(*said, table=Table(titles, rows))


def stress(asking: Asking) -> Answer:
    """What the worst days of history would cost the book."""
    found = asking.risk.scenarios()
    if not found.figures:
        return asking.nothing(_EMPTY)
    named = _scenario_named(found.figures, asking.plain)
    one = named or found.figures[0]
    said: list[tuple[Part, ...]] = [
        (
            f"{one.name}: the book would ",
            "lose " if one.amount < 0 else "gain ",
            dollars(abs(one.amount), found.seen_in, nature=Nature.MODELLED),
            (
                f"{'' if named else ', the worst of those that ship'}. What is held now is "
                "followed as it is."
            ),
        )
    ]
    rows = tuple(
        (
            each.name,
            dollars(each.amount, found.seen_in, nature=Nature.MODELLED, is_signed=True),
            each.parts[0][0] if each.parts else "-",
        )
        for each in found.figures
    )
    said.append(_of_all(asking))
    return asking.answer(*said, table=Table(("scenario", "gain or loss", "worst in"), rows))


_NAMED = {
    "1987": "black monday",
    "black monday": "black monday",
    "2008": "2008",
    "financial crisis": "2008",
    "gfc": "2008",
    "lehman": "2008",
    "flash": "flash",
    "2010": "flash",
    "2011": "2011",
    "downgrade": "2011",
    "2018": "volmageddon",
    "volmageddon": "volmageddon",
    "2020": "pandemic",
    "covid": "pandemic",
    "pandemic": "pandemic",
    "2022": "2022",
}


def _scenario_named(figures: Sequence[NamedLoss], plain: str) -> NamedLoss | None:
    for word, name in _NAMED.items():
        if word in plain:
            return next((one for one in figures if name in one.name.lower()), None)
    return None


def value_at_risk(asking: Asking) -> Answer:
    """A day's loss by each way."""
    found = asking.risk.value_at_risk()
    if not found.figures:
        return asking.nothing(" ".join(found.notes) or _EMPTY)
    first = found.figures[0]
    said: list[tuple[Part, ...]] = [
        (
            f"By the {first.name} way a day's loss is beyond ",
            dollars(first.amount, found.seen_in, nature=Nature.MODELLED),
            " on one day in a hundred, and then ",
            dollars(first.parts[0][1], found.seen_in, nature=Nature.MODELLED),
            " on average.",
        ),
        *[(note,) for note in found.notes],
        ("Its record against what happened stands in the Risk panel and in `allusedesk risk`.",),
    ]
    rows = tuple(
        (
            one.name,
            dollars(one.amount, found.seen_in, nature=Nature.MODELLED),
            dollars(one.parts[0][1], found.seen_in, nature=Nature.MODELLED),
        )
        for one in found.figures
    )
    return asking.answer(*said, table=Table(("way", "VaR, 99%, a day", "CVaR"), rows))


def greeks(asking: Asking) -> Answer:
    """Delta, gamma, theta and vega of the book, by symbol."""
    found = asking.risk.greeks()
    if not found.figures:
        return asking.nothing(_EMPTY)
    return _greeks_told(asking, found)


def _greeks_told(asking: Asking, found: BookMeasured) -> Answer:
    kind = Nature.MODELLED if found.is_modelled else Nature.MEASURED
    wanted = [one for one in found.figures if one.name.partition(" ")[0] in asking.plain]
    symbol = asking.slots.symbol
    said: list[tuple[Part, ...]] = [
        (f"{one.name.capitalize()}{f' of {symbol}' if symbol else ''}: ",
         dollars(_part(one, symbol), found.seen_in, nature=kind, is_signed=True), ".")
        for one in wanted or found.figures
    ]  # fmt: skip
    said += [(note,) for note in found.notes]
    said.append(_of_all(asking))
    names = sorted({name for one in found.figures for name, _ in one.parts})
    rows: tuple[tuple[Part, ...], ...] = tuple(
        (
            name,
            *(
                dollars(_part(one, name), found.seen_in, nature=kind, is_signed=True)
                for one in found.figures
            ),
        )
        for name in names
        if not symbol or name == symbol
    )
    titles = ("symbol", *(one.name for one in found.figures))
    return asking.answer(*said, table=Table(titles, rows))


def _part(one: NamedLoss, symbol: str) -> float:
    return dict(one.parts).get(symbol, 0.0) if symbol else one.amount


def breakers(asking: Asking) -> Answer:
    """Breakers that tripped and were taken back, and which still stand."""
    span = asking.within()
    found = rows_asked(asking.side, Notice, "notices", scope(asking), "subject = 'breaker'")
    if not found:
        return _no_breaker(asking)
    tripped = [one for one in found if one.severity == "alarm"]
    last = found[-1]
    said: list[tuple[Part, ...]] = [
        (
            f"{span.opening} ",
            count(len(tripped), "breaker", (one.sequence for one in tripped)),
            " tripped. The record says last: ",
            fact(last.text, last.sequence),
        )
    ]
    return asking.answer(*said, table=_notices(found), about=span.words)


def _no_breaker(asking: Asking) -> Answer:
    found = [one for one in conditions_asked(asking.side, this_week(asking).weeks) if one.vix]
    vix = (
        f" VIX stood at {found[-1].vix:.2f} when the week's condition was decided." if found else ""
    )
    return asking.nothing(f"No breaker tripped {asking.within().when}.{vix}")


def breaches(asking: Asking) -> Answer:
    """Warnings and alarms of a span: breaches, differences with the broker, what went wrong."""
    span = asking.within()
    also = "severity IN ('warning', 'alarm')"
    if "reconcil" in asking.plain or "difference" in asking.plain:
        also = "subject = 'reconciliation'"
    elif "notice" in asking.plain:
        also = ""
    found = rows_asked(asking.side, Notice, "notices", scope(asking), also)
    if not found:
        return asking.nothing(
            f"No breach, no difference with the broker and no other warning is on record in "
            f"{span.words}."
        )
    said = (
        f"{span.opening}: ",
        count(len(found), "notice", (one.sequence for one in found)),
        ". The last: ",
        fact(found[-1].text, found[-1].sequence),
    )
    return asking.answer(said, table=_notices(found), about=span.words)


def halts(asking: Asking) -> Answer:
    """Halts of the desk, and freezes of sleeves."""
    span = asking.within()
    of_freeze = "fr" in asking.plain and ("freez" in asking.plain or "froz" in asking.plain)
    subject = "freeze" if of_freeze else "halt"
    found = [
        one
        for one in rows_asked(
            asking.side, Notice, "notices", scope(asking), "subject = ?", (subject,)
        )
        if not of_freeze or not asking.slots.accounts
        or any(name in one.text for name in asking.slots.accounts)
    ]  # fmt: skip
    if not found:
        what = "freeze" if of_freeze else "halt"
        return asking.nothing(f"No {what}{asking.of_accounts} is on record {span.when}.")
    last = found[-1]
    said = (
        f"{span.opening}: ",
        count(len(found), "note", (one.sequence for one in found)),
        f" of a {subject}{asking.of_accounts}. The last: ",
        fact(last.text, last.sequence),
    )
    stands = "enters nothing" in last.text if of_freeze else last.severity == "alarm"
    now = (f"By that note the {subject} {'stands' if stands else 'is over'}.",)
    return asking.answer(said, now, table=_notices(found), about=span.words)


def _notices(found: Sequence[Notice]) -> Table:
    rows = tuple(
        (f"{one.recorded_at:%Y-%m-%d %H:%M}", one.severity, fact(one.text, one.sequence))
        for one in found[-_ROWS_MAX:]
    )
    return Table(("UTC", "", "what"), rows)
