"""Answers about trades: what was traded and why, rolls, fills, costs, results by position."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, instant, per_share
from allusedesk.answers.scopes import last_week, of_what, scope
from allusedesk.domain.money import Price
from allusedesk.journal.queries.asked import commissions_asked
from allusedesk.journal.queries.asked_orders import (
    OrderAsked,
    ProposalAsked,
    fills_asked,
    orders_asked,
    proposals_asked,
)
from allusedesk.journal.queries.blotters import FillLine

ROWS_MAX = 20
_LIVE = "status IN ('sent', 'working', 'partly filled', 'cancelling', 'unknown')"
_TITLES = ("when", "sleeve", "order", "units", "net", "status")


def trades(asking: Asking) -> Answer:
    """The orders of a span, the newest first where there are many."""
    also, what = _of_kind(asking.plain)
    where = scope(asking, last_week(asking) if not asking.slots.symbol else None)
    found = orders_asked(asking.side, where, also)
    span = asking.within(last_week(asking) if not asking.slots.symbol else None)
    if not found:
        return asking.nothing(f"No {what} is on record {span.when}{of_what(asking)}.")
    filled = [one for one in found if one.fills]
    said = (
        f"{span.opening}{of_what(asking)}: ",
        count(len(found), what, (one.sequence for one in found), _many(what)),
        ", ",
        fact(len(filled), *(one.filled_in for one in filled)),
        " of them filled." if len(found) <= ROWS_MAX else f" of them filled. The last {ROWS_MAX}:",
    )
    rows = tuple(order_row(one) for one in found[-ROWS_MAX:])
    return asking.answer(said, table=Table(_TITLES, rows), about=span.words)


def _many(what: str) -> str:
    """The plural of what `_of_kind` names: `puts sold`, `orders`."""
    return f"{what.removesuffix(' sold')}s sold" if what.endswith(" sold") else f"{what}s"


def _of_kind(plain: str) -> tuple[str, str]:
    """What of all orders a question is about, as a condition and in words."""
    if "put" in plain and any(word in plain for word in ("sell", "sold", "wrote", "write")):
        return "kind = 'entry' AND legs LIKE '% put'", "put sold"
    if "call" in plain and any(word in plain for word in ("sell", "sold", "wrote", "write")):
        return "kind = 'covered call'", "covered call sold"
    if "clos" in plain or "bought back" in plain or "buy back" in plain:
        return "legs LIKE '%to close%'", "closing order"
    if "opened" in plain or "opening" in plain:
        return "legs NOT LIKE '%to close%'", "opening order"
    if "bought" in plain or "buy" in plain:
        return "legs LIKE 'buy %'", "purchase"
    return "", "order"


def order_row(one: OrderAsked) -> tuple[Part, ...]:
    """An order as a row of a table."""
    return (
        instant(one.written_at, one.sequence),
        one.account,
        one.legs,
        str(one.quantity),
        per_share(one.credit_net, one.proposed_in),
        fact(one.status, one.status_in),
    )


def show_roll(asking: Asking) -> Answer:
    """The last roll of a symbol in full, and those before it in a table."""
    found = orders_asked(asking.side, scope(asking), "kind = 'roll'")
    span = asking.within()
    if not found:
        return asking.nothing(f"No roll is on record {span.when}{of_what(asking)}.")
    last = found[-1]
    fills = fills_asked(asking.side, scope(asking), "order_id IN (SELECT id FROM orders "
                        "WHERE kind = 'roll')")  # fmt: skip
    own = [one for one in fills if one.order_id == last.id]
    net = sum((one.amount for one in own), Decimal(0))
    said: list[tuple[Part, ...]] = [
        (
            f"{count_words(len(found), 'roll')} {span.when}{of_what(asking)}. The last one: ",
            f"{last.account}, ",
            instant(last.written_at, last.sequence),
            f": {last.legs}, ",
            count(last.quantity, "contract", (last.sequence,)),
            ".",
        ),
        _why(last),
    ]
    if own:
        nature = Nature.MEASURED
        entries = tuple(one.sequence for one in own)
        word = "received" if net >= 0 else "paid"
        said.append((f"Its fills {word} ", dollars(abs(net), *entries, nature=nature),
                     " net before commissions."))  # fmt: skip
    rows = tuple(order_row(one) for one in found[-ROWS_MAX:])
    return asking.answer(*said, table=Table(_TITLES, rows), about=span.words)


def count_words(number: int, noun: str) -> str:
    """A count in plain words."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _why(one: OrderAsked) -> tuple[Part, ...]:
    rule = one.rule or "no rule on record"
    return (
        f"{one.reason or 'No reason is on record.'} The rule was ",
        fact(rule, one.proposed_in),
        ", approved by ",
        fact(one.decided_by or "nobody on record", one.proposed_in),
        ".",
    )


def order_why(asking: Asking) -> Answer:
    """The rule, the reason and the person behind the last order that fits."""
    also, what = _of_kind(asking.plain)
    found = orders_asked(asking.side, scope(asking), also, newest=3)
    if not found:
        span = asking.within()
        return asking.nothing(f"No {what} is on record {span.when}{of_what(asking)}.")
    last = found[-1]
    said: list[tuple[Part, ...]] = [
        (
            f"{last.account}, ",
            instant(last.written_at, last.sequence),
            f": {last.legs}, ",
            fact(last.quantity, last.sequence),
            f" {'unit' if last.quantity == 1 else 'units'}, {last.status}.",
        ),
        _why(last),
    ]
    rows = tuple(order_row(one) for one in reversed(found))
    return asking.answer(*said, table=Table(_TITLES, rows), about=asking.within().words)


def fills(asking: Asking) -> Answer:
    """The newest executions of a span."""
    found = fills_asked(asking.side, scope(asking), newest=ROWS_MAX)
    span = asking.within()
    if not found:
        return asking.nothing(f"No fill is on record {span.when}{of_what(asking)}.")
    last = found[-1]
    said = (
        f"The last fill{of_what(asking)}: {last.side} ",
        fact(last.quantity, last.sequence),
        f" {last.instrument} at ",
        per_share(last.price, last.sequence),
        ", ",
        instant(last.filled_at, last.sequence),
        f", {last.account}.",
    )
    rows = tuple(_fill_row(one) for one in reversed(found))
    titles = ("when", "sleeve", "side", "instrument", "units", "price", "commission")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def _fill_row(one: FillLine) -> tuple[Part, ...]:
    return (
        instant(one.filled_at, one.sequence),
        one.account,
        one.side,
        one.instrument,
        str(one.quantity),
        per_share(one.price, one.sequence),
        dollars(one.commission, one.sequence),
    )


def slippage(asking: Asking) -> Answer:
    """What fills gave up against mid, by symbol."""
    span = asking.within()
    seen = fills_asked(asking.side, scope(asking))
    known = [(one, one.slippage_whole) for one in seen if one.slippage_whole is not None]
    if not known:
        return asking.nothing(
            f"No fill with a known mid is on record {span.when}{of_what(asking)}."
        )
    entries = tuple(one.sequence for one, _ in known)
    whole = sum((lost for _, lost in known), Decimal(0))
    units = sum(one.quantity for one, _ in known)
    by_symbol: dict[str, list[tuple[FillLine, Decimal]]] = {}
    for one, lost in known:
        by_symbol.setdefault(one.instrument.partition(" ")[0], []).append((one, lost))
    rows = tuple(
        (
            symbol,
            fact(len(own), *(one.sequence for one, _ in own)),
            dollars(
                sum((lost for _, lost in own), Decimal(0)),
                *(one.sequence for one, _ in own),
                is_signed=True,
            ),
        )
        for symbol, own in sorted(by_symbol.items())
    )
    said: tuple[Part, ...] = (
        f"{span.opening}{of_what(asking)} fills were ",
        dollars(abs(whole), *entries),
        f" {'worse' if whole < 0 else 'better'} than mid when their orders were sent: ",
        count(len(known), "fill", entries),
        ", ",
        dollars(whole / units, *entries, is_signed=True),
        " a contract or share. Fills of several legs have no mid of their own and are left out.",
    )
    titles = ("symbol", "fills", "against mid")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def commissions(asking: Asking) -> Answer:
    """Commissions of a span, by sleeve."""
    found = commissions_asked(asking.side, scope(asking))
    span = asking.within()
    if not found:
        return asking.nothing(
            f"No fill, so no commission, is on record {span.when}{of_what(asking)}."
        )
    whole = sum((paid for _, paid, _, _, _ in found), Decimal(0))
    number = sum(fills for _, _, fills, _, _ in found)
    first, last = min(one[3] for one in found), max(one[4] for one in found)
    said = (
        f"Commissions {span.when}{of_what(asking)}: ",
        dollars(whole, first, last),
        " for ",
        count(number, "fill", (first, last)),
        ".",
    )
    rows = tuple(
        (account, fact(fills, one, two), dollars(paid, one, two))
        for account, paid, fills, one, two in found
    )
    return asking.answer(said, table=Table(("sleeve", "fills", "paid"), rows), about=span.words)


def premium(asking: Asking) -> Answer:
    """What options sold brought, what buying them back cost, and the difference."""
    span = asking.within()
    also = "instrument LIKE '% put' OR instrument LIKE '% call'"
    if "put" in asking.plain and "call" not in asking.plain:
        also = "instrument LIKE '% put'"
    elif "call" in asking.plain and "put" not in asking.plain:
        also = "instrument LIKE '% call'"
    found = fills_asked(asking.side, scope(asking), also)
    if not found:
        return asking.nothing(f"No option was traded {span.when}{of_what(asking)}.")
    rows = []
    for account in dict.fromkeys(one.account for one in found):
        own = [one for one in found if one.account == account]
        rows.append((account, *_premium_of(own)))
    sold, bought, net = _premium_of(found)
    said = (
        f"{span.opening}{of_what(asking)} options sold brought ",
        sold,
        ", those bought cost ",
        bought,
        ": ",
        net,
        " net, before commissions of ",
        dollars(sum((x.commission.amount for x in found), Decimal(0)), found[0].sequence,
                found[-1].sequence),
        ".",
    )  # fmt: skip
    titles = ("sleeve", "sold for", "bought for", "net")
    return asking.answer(said, table=Table(titles, tuple(rows)), about=span.words)


def _premium_of(own: Sequence[FillLine]) -> tuple[Part, Part, Part]:
    sold = [one for one in own if one.side == "sell"]
    bought = [one for one in own if one.side != "sell"]
    got = sum((one.amount for one in sold), Decimal(0))
    paid = sum((-one.amount for one in bought), Decimal(0))
    return (
        dollars(got, *(one.sequence for one in sold)),
        dollars(paid, *(one.sequence for one in bought)),
        dollars(got - paid, *(one.sequence for one in own), is_signed=True),
    )


def unfilled_orders(asking: Asking) -> Answer:
    """Orders that wait, and orders that ended without a fill."""
    span = asking.within()
    waits = any(
        word in asking.plain for word in ("open", "work", "live", "wait", "stuck", "unknown")
    )
    also = _LIVE if waits else "status != 'filled'"
    found = orders_asked(asking.side, scope(asking), also)
    if not found:
        what = "is at work" if waits else "ended without being filled"
        return asking.nothing(f"No order {what} {span.when}{of_what(asking)}.")
    said = (
        count(len(found), "order", (one.sequence for one in found)),
        f" {span.when}{of_what(asking)} {'at work' if waits else 'not or not wholly filled'}.",
    )
    rows = tuple(order_row(one) for one in found[-ROWS_MAX:])
    return asking.answer(said, table=Table(_TITLES, rows), about=span.words)


def proposals(asking: Asking) -> Answer:
    """What was proposed in a span and what became of it."""
    otherwise = None if asking.slots.symbol else last_week(asking)
    also, _ = _verdict(asking.plain)
    found = proposals_asked(asking.side, scope(asking, otherwise), also)
    span = asking.within(otherwise)
    if not found:
        return asking.nothing(f"No such proposal is on record {span.when}{of_what(asking)}.")
    ends: dict[str, list[ProposalAsked]] = {}
    for one in found:
        ends.setdefault(one.verdict, []).append(one)
    said: list[Part] = [
        f"{span.opening}{of_what(asking)}: ",
        count(len(found), "proposal", (one.sequence for one in found)),
    ]
    for verdict, own in ends.items():
        said += [", ", fact(f"{len(own)} {verdict}", *(one.decided_in for one in own))]
    rows = tuple(proposal_row(one) for one in found[-ROWS_MAX:])
    titles = ("made", "sleeve", "proposal", "units", "net", "became", "by")
    return asking.answer((*said, "."), table=Table(titles, rows), about=span.words)


def _verdict(plain: str) -> tuple[str, str]:
    for word, verdict in (
        ("laps", "lapsed"), ("unanswered", "lapsed"), ("void", "voided"), ("refus", "refused")
    ):  # fmt: skip
        if word in plain:
            return f"verdict = '{verdict}'", verdict
    return "", ""


def proposal_row(one: ProposalAsked) -> tuple[Part, ...]:
    """A proposal as a row of a table."""
    net: Price | None = one.credit_net
    return (
        instant(one.made_at, one.sequence),
        one.account,
        one.legs if one.legs != "nothing" else one.kind,
        str(one.quantity),
        per_share(net, one.sequence),
        fact(one.verdict, one.decided_in),
        one.decided_by or "-",
    )
