from __future__ import annotations

from typing import Any

import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import Quote
from allusedesk.protocol.levels import read_strike_levels
from allusedesk.protocol.strike_management import decide_strike_management
from allusedesk.protocol.views import Decision
from tests.protocol.examples import (
    FRIDAY,
    REV,
    THURSDAY,
    WEDNESDAY,
    WEEK,
    D,
    at,
    chain,
    constitution,
    indicators,
    lot,
    market,
    option,
    price,
    quote,
    session,
    shares,
    short_call,
    underlying,
    view,
)

NOW = at(WEDNESDAY, "11:00")


def manage(
    held: Position,
    spot: str,
    *quotes: Quote,
    symbol: str = "AAPL",
    listed: tuple[Quote, ...] = (),
    announced: dict[str, Any] | None = None,
    **changes: Any,
) -> Decision:
    """One look on Wednesday with a true range of three dollars."""
    ranged = {"indicators": indicators(symbol, atr_5=D(3)), **(announced or {})}
    seen = market(
        underlying(symbol, spot, **ranged),
        chains=(chain(*listed),) if listed else (),
        held=quotes,
        now=NOW,
    )
    sleeve, rules = view(REV, lots=(held,), **changes), constitution()
    levels = read_strike_levels(sleeve, seen, rules)
    return decide_strike_management(sleeve, seen, levels, WEEK, session(WEDNESDAY), rules)


def asked(decision: Decision) -> list[tuple[ProposalKind, str]]:
    return [(wish.kind, wish.rule) for wish in decision.wishes]


def test_a_look_that_shows_another_symbol_decides_nothing() -> None:
    deep, shown = lot(option(100)), quote(option(100), "10.00", "10.04", now=NOW)
    assert asked(manage(deep, "90", shown)) == [(ProposalKind.EMERGENCY_EXIT, "level.L3")]
    assert manage(deep, "90", shown, symbol="MSFT") == Decision((), ())


def test_a_put_that_was_bought_is_left_alone_where_one_sold_is_closed() -> None:
    seen = quote(option(100), "4.20", "4.20", now=NOW)
    held = {signed: lot(option(100), signed, price_average=price("6")) for signed in (1, -1)}
    assert len(manage(held[-1], "96", seen).wishes) == 1
    assert manage(held[1], "96", seen) == Decision((), ())


@pytest.mark.parametrize(("spot", "wishes"), [("89", 1), ("89.01", 0)])
def test_shares_at_the_last_level_ask_for_recovery(spot: str, wishes: int) -> None:
    assert len(manage(shares(basis=price(98)), spot).wishes) == wishes


def test_shares_whose_fall_is_answered_ask_for_nothing_more() -> None:
    [wish] = manage(shares(basis=price(98)), "85").wishes
    assert wish.kind is ProposalKind.RECOVERY
    answered = {"recovering": (PositionId("shares"),)}
    assert manage(shares(basis=price(98)), "85", **answered).wishes == ()


@pytest.mark.parametrize(
    ("premium", "ask", "rules"),
    [("6", "4.20", ["early_assignment.close"]), ("6", "4.21", []), ("2", "4.20", [])],
)
def test_a_put_at_its_first_level_closes_early_while_a_profit_stands(
    premium: str, ask: str, rules: list[str]
) -> None:
    held = lot(option(100), price_average=price(premium))
    decided = manage(held, "96", quote(option(100), ask, ask, now=NOW))
    assert [wish.rule for wish in decided.wishes] == rules


@pytest.mark.parametrize(("spot", "is_prepared"), [("95.50", True), ("95.51", False)])
def test_a_roll_is_prepared_from_the_sleeves_own_distance_on(
    spot: str, *, is_prepared: bool
) -> None:
    later = option(100, FRIDAY.replace(day=15))
    decided = manage(
        lot(option(100)),
        spot,
        quote(option(100), "5.00", "5.04", now=NOW),
        listed=(quote(later, "4.98", "5.00", now=NOW),),
    )
    assert decided.wishes == ()
    told = [(row.rule, row.reason, row.limit) for row in decided.turned_down]
    assert told == ([("level.L1", "prepared, not due yet", "due from 2 ATR")] * is_prepared)


def test_where_no_roll_pays_none_is_prepared_and_those_looked_at_are_told() -> None:
    later = option(100, FRIDAY.replace(day=15))
    held, shown = lot(option(100)), quote(option(100), "5.00", "5.04", now=NOW)
    assert manage(held, "95.50", shown) == Decision((), ())
    decided = manage(held, "95.50", shown, listed=(quote(later, "1.00", "1.04", now=NOW),))
    assert decided.wishes == ()
    assert [row.rule for row in decided.turned_down] == ["roll.unfavourable"]


def test_a_call_is_closed_for_a_dividend_before_its_decay_is_looked_at() -> None:
    held = short_call(100)
    due = {"ex_dividend_next": THURSDAY, "dividend_next": D("0.50")}
    seen = quote(held.instrument, "3.00", "3.04", now=NOW)
    assert [wish.rule for wish in manage(held, "103", seen, announced=due).wishes] == [
        "dividend.close"
    ]
    assert manage(held, "103", seen).wishes == ()
    decayed = quote(held.instrument, "0.10", "0.12", now=NOW)
    assert [wish.rule for wish in manage(held, "99", decayed).wishes] == ["profit.call_decay"]


def test_a_put_due_for_a_roll_waits_for_a_chain_and_for_its_own_quote() -> None:
    later = quote(option(100, FRIDAY.replace(day=15)), "5.98", "6.00", now=NOW)
    own = quote(option(100), "6.00", "6.04", now=NOW)
    held = lot(option(100))
    assert [wish.rule for wish in manage(held, "94", own, listed=(later,)).wishes] == ["level.L2"]
    for blind in (manage(held, "94", own), manage(held, "94", listed=(later,))):
        assert blind.wishes == ()
        assert [row.rule for row in blind.turned_down] == ["chain.none"]
