from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import ProposalKind, Side, TurnedDown
from allusedesk.domain.quotes import Greeks, MarketSnapshot, OptionChain, Quote
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.leaps_ladder import judge_rung, propose_rungs
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rung_choice import rungs_of
from allusedesk.protocol.views import Wish
from tests.protocol.examples import (
    CLASSIC,
    MONDAY,
    D,
    classic_with,
    constitution,
    dollars,
    lot,
    market,
    option,
    quote,
    shares,
    underlying,
    view,
)

SPOT = 100
EXPIRIES = tuple(MONDAY + timedelta(days=days) for days in (380, 410, 450, 500, 545))
HALF_YEARS = tuple(MONDAY + timedelta(days=days) for days in (190, 280, 360))


def call(strike: int, expiry: date, mid: str = "5.00", delta: float = 0.30, **more: Any) -> Quote:
    contract = option(str(strike), expiry, right=Right.CALL, symbol=more.get("symbol", "AAPL"))
    return priced(contract, mid, delta)


def put(strike: int, expiry: date, mid: str = "2.00", symbol: str = "SPY") -> Quote:
    return priced(option(str(strike), expiry, symbol=symbol), mid, -0.20)


def priced(contract: OptionContract, mid: str, delta: float) -> Quote:
    made = quote(contract, str(D(mid) - D("0.02")), str(D(mid) + D("0.02")))
    return replace(made, greeks=Greeks(delta, 0.01, -0.01, 0.2, 0.3))


def seen(*quotes: Quote, held: tuple[Quote, ...] = ()) -> MarketSnapshot:
    by_symbol: dict[str, list[Quote]] = {}
    for one in quotes:
        by_symbol.setdefault(one.instrument.underlying, []).append(one)
    chains = tuple(
        OptionChain(symbol, (), tuple(own), is_modelled=False) for symbol, own in by_symbol.items()
    )
    symbols = sorted({*by_symbol, *(one.instrument.underlying for one in held)})
    shown = market(*(underlying(symbol, str(SPOT)) for symbol in symbols), chains=chains)
    return replace(shown, held=held)


def rung(contract: OptionContract, quantity: int = 1) -> Position:
    return lot(contract, quantity, role=PositionRole.LEAPS_RUNG)


def proposed(
    snapshot: MarketSnapshot,
    budget: int,
    *held: Position,
    symbols: tuple[str, ...] = ("AAPL",),
    rulebook: Rulebook | None = None,
    is_merging: bool = False,
) -> tuple[Outcome, ...]:
    own = view(lots=held, symbols=symbols, cash_free=dollars(1_000_000))
    rules = rulebook or constitution()
    return propose_rungs(own, dollars(budget), snapshot, MONDAY, rules, is_merging=is_merging)


def wishes(outcomes: tuple[Outcome, ...]) -> list[Wish]:
    return [item for item in outcomes if isinstance(item, Wish)]


def refused(outcomes: tuple[Outcome, ...]) -> list[TurnedDown]:
    return [item for item in outcomes if isinstance(item, TurnedDown)]


def contract_of(wish: Wish) -> OptionContract:
    bought = wish.legs[-1].instrument
    assert isinstance(bought, OptionContract)
    return bought


@pytest.mark.parametrize(
    ("days", "delta", "is_bought"),
    [
        (365, 0.25, True), (547, 0.35, True), (364, 0.30, False), (548, 0.30, False),
        (400, 0.249, False), (400, 0.351, False),
    ],
)  # fmt: skip
def test_a_growth_rung_lies_in_both_bands(days: int, delta: float, *, is_bought: bool) -> None:
    outcomes = proposed(seen(call(120, MONDAY + timedelta(days=days), delta=delta)), 10_000)
    made = wishes(outcomes)
    assert bool(made) is is_bought
    if is_bought:
        assert made[0].kind is ProposalKind.LADDER
        assert made[0].legs[0].role is PositionRole.LEAPS_RUNG
        # 40% of 10,000 at 500.65 each.
        assert made[0].quantity == 7


@pytest.mark.parametrize(
    ("strike", "days", "is_bought"),
    [(90, 182, True), (80, 365, True), (91, 200, False), (79, 200, False), (85, 181, False)],
)
def test_a_hedge_rung_lies_in_both_bands(strike: int, days: int, *, is_bought: bool) -> None:
    made = wishes(proposed(seen(put(strike, MONDAY + timedelta(days=days))), 10_000))
    assert bool(made) is is_bought
    if is_bought:
        # A quarter of 10,000 at 200.65 each.
        assert made[0].quantity == 12


def test_the_first_rung_stands_in_the_middle_and_the_next_apart_from_it() -> None:
    offered = seen(*(call(120, expiry) for expiry in EXPIRIES))
    [first] = wishes(proposed(offered, 10_000))
    assert contract_of(first).expiry == EXPIRIES[2]
    held = call(120, EXPIRIES[2])
    contract = held.instrument
    assert isinstance(contract, OptionContract)
    both = seen(*(call(120, expiry) for expiry in EXPIRIES), held=(held,))
    [second] = wishes(proposed(both, 10_000, rung(contract, 4)))
    assert contract_of(second).expiry == EXPIRIES[4]
    near = seen(*(call(120, EXPIRIES[2] + timedelta(days=days)) for days in (-27, 0, 27)))
    [told] = [r for r in refused(proposed(near, 10_000, rung(contract, 4))) if "growth" in r.reason]
    assert told.rule == "ladder.none"


def test_a_dear_contract_names_the_ladder_it_needs() -> None:
    outcomes = proposed(seen(call(120, EXPIRIES[2], mid="45.00")), 10_000)
    [told] = [item for item in refused(outcomes) if item.rule == "ladder.unaffordable"]
    # 4,500.65 is 40% of that.
    assert "needs a ladder of 11,251.62" in told.reason
    assert not wishes(outcomes)


def test_the_symbol_with_the_fewest_rungs_comes_first_and_a_dear_one_is_passed_over() -> None:
    held = call(120, EXPIRIES[0])
    contract = held.instrument
    assert isinstance(contract, OptionContract)
    offered = seen(
        *(call(120, expiry, symbol=symbol) for expiry in EXPIRIES for symbol in ("AAPL", "MSFT")),
        call(120, EXPIRIES[4], mid="99.00", symbol="GOOG"),
        held=(held,),
    )
    names = ("AAPL", "GOOG", "MSFT")
    outcomes = proposed(offered, 10_000, rung(contract), symbols=names)
    [wish] = wishes(outcomes)
    assert contract_of(wish).underlying == "MSFT"
    assert [r.rule for r in refused(outcomes)][:1] == ["ladder.unaffordable"]


@pytest.mark.parametrize(
    ("right", "days", "delta", "is_due"),
    [
        (Right.CALL, 91, 0.30, True), (Right.CALL, 92, 0.30, False),
        (Right.CALL, 300, 0.20, False), (Right.CALL, 300, 0.199, True),
        (Right.CALL, 300, 0.50, False), (Right.CALL, 300, 0.501, True),
        (Right.PUT, 300, -0.10, False), (Right.PUT, 300, -0.501, True),
        (Right.PUT, 91, -0.30, True),
    ],
)  # fmt: skip
def test_a_rung_is_rolled_near_its_end_or_outside_its_band(
    right: Right, days: int, delta: float, *, is_due: bool
) -> None:
    contract = option("100", MONDAY + timedelta(days=days), right=right)
    ladder = constitution().ladder
    assert ladder is not None
    found = judge_rung(rung(contract), priced(contract, "5.00", delta), MONDAY, ladder)
    assert (found is not None) is is_due


def test_a_rung_near_its_end_rolls_by_one_order_or_is_sold() -> None:
    near = call(120, MONDAY + timedelta(days=80), mid="3.00")
    contract = near.instrument
    assert isinstance(contract, OptionContract)
    offered = seen(call(120, EXPIRIES[2]), held=(near,))
    [roll] = wishes(proposed(offered, 1_000, rung(contract, 3)))
    assert [(leg.side, leg.closes is not None) for leg in roll.legs] == [
        (Side.SELL, True),
        (Side.BUY, False),
    ]
    # The ladder is 1,900, of which a rung may be 760: one contract of 500.
    assert (roll.quantity, roll.rule) == (1, "ladder.roll")
    assert roll.credit_net is not None
    assert roll.credit_net.per_unit == D("-2.00")

    [sale] = wishes(proposed(seen(held=(near,)), 1_000, rung(contract, 3)))
    assert (sale.quantity, sale.rule, sale.legs[0].side) == (3, "ladder.mature", Side.SELL)
    assert "no quotes of such months" in sale.reason


def test_a_family_that_comes_home_sells_its_rungs_and_buys_none() -> None:
    held = call(120, EXPIRIES[0])
    contract = held.instrument
    assert isinstance(contract, OptionContract)
    offered = seen(*(call(120, expiry) for expiry in EXPIRIES), held=(held,))
    [sale] = wishes(proposed(offered, 10_000, rung(contract, 2), is_merging=True))
    assert (sale.legs[0].side, sale.quantity) == (Side.SELL, 2)


def test_classic_has_a_ladder_that_is_off_until_it_is_switched_on() -> None:
    offered = seen(call(120, EXPIRIES[2]), put(85, HALF_YEARS[0]))
    text = CLASSIC.read_text(encoding="utf-8")
    assert "is_on = false" in text
    assert proposed(offered, 10_000, rulebook=classic_with()) == ()
    on = classic_with(("is_on = false", "is_on = true"))
    assert [w.quantity for w in wishes(proposed(offered, 10_000, rulebook=on))] == [7, 12]


@given(
    st.integers(0, 60_000),
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 6)), max_size=4),
    st.integers(50, 9_000),
    st.integers(50, 4_000),
)
def test_a_ladder_spends_its_money_once_and_no_rung_exceeds_its_part(
    budget: int, held: list[tuple[int, int]], call_cents: int, put_cents: int
) -> None:
    mids = f"{Decimal(call_cents) / 100:.2f}", f"{Decimal(put_cents) / 100:.2f}"
    kept = [call(120, EXPIRIES[place], mid=mids[0]) for place, _ in held]
    lots = []
    for one, (_, lots_held) in zip(kept, held, strict=True):
        assert isinstance(one.instrument, OptionContract)
        lots.append(rung(one.instrument, lots_held))
    offered = seen(
        *(call(120, expiry, mid=mids[0]) for expiry in EXPIRIES),
        *(put(85, expiry, mid=mids[1]) for expiry in HALF_YEARS),
        held=tuple({one.instrument: one for one in kept}.values()),
    )
    made = wishes(proposed(offered, budget, *lots))
    whole = budget + sum(n * call_cents for _, n in held)
    costs = [one.amount.amount for wish in made for one in wish.amounts if one.name == "cost"]
    assert sum(costs) <= budget
    expiries = {one.option.expiry for one in rungs_of(lots, Right.CALL) if one.option}
    for wish, cost in zip(made, costs, strict=True):
        assert cost <= D("0.40") * whole
        if contract_of(wish).right is Right.CALL:
            apart = [abs((contract_of(wish).expiry - day).days) for day in expiries]
            assert all(days >= 28 for days in apart)
        else:
            assert cost <= D("0.25") * whole


@pytest.mark.parametrize("shown", ["unquoted", "without a bid"])
def test_a_rung_without_a_price_is_named_when_its_family_comes_home(shown: str) -> None:
    held = call(120, EXPIRIES[0])
    contract = held.instrument
    assert isinstance(contract, OptionContract)
    seen_now = seen() if shown == "unquoted" else seen(held=(replace(held, bid=None),))
    [told] = proposed(seen_now, 10_000, rung(contract), is_merging=True)
    assert isinstance(told, TurnedDown)
    assert (told.candidate, told.rule) == (str(contract), "ladder.none")


@pytest.mark.parametrize("shown", ["unquoted", "without a bid"])
def test_a_rung_near_its_end_without_a_price_is_named_and_kept(shown: str) -> None:
    near = call(120, MONDAY + timedelta(days=80))
    contract = near.instrument
    assert isinstance(contract, OptionContract)
    held = () if shown == "unquoted" else (replace(near, bid=None),)
    offered = seen(call(120, EXPIRIES[2]), held=held)
    outcomes = proposed(offered, 0, rung(contract))
    assert not wishes(outcomes)
    reasons = [told.reason for told in refused(outcomes) if told.candidate == str(contract)]
    assert reasons == ["no price to roll the rung at"]


def test_a_rung_of_unknown_delta_is_judged_by_its_days_alone() -> None:
    ladder = constitution().ladder
    assert ladder is not None
    for days, is_due in ((91, True), (92, False)):
        contract = option("100", MONDAY + timedelta(days=days), right=Right.CALL)
        for unknown in (None, replace(priced(contract, "5.00", 0.9), greeks=None)):
            found = judge_rung(rung(contract), unknown, MONDAY, ladder)
            assert (found is not None) is is_due


def test_a_roll_that_brings_money_needs_none_of_the_ladders_cash() -> None:
    # Deep in the money: 30.00 back for 10.00 out, so that four roll with an empty purse.
    deep = call(80, MONDAY + timedelta(days=300), mid="30.00", delta=0.95)
    contract = deep.instrument
    assert isinstance(contract, OptionContract)
    offered = seen(call(120, EXPIRIES[2], mid="10.00"), held=(deep,))
    [roll] = wishes(proposed(offered, 0, rung(contract, 4)))
    assert (roll.quantity, roll.rule) == (4, "ladder.roll")
    assert roll.credit_net is not None
    assert roll.credit_net.per_unit == D("20.00")
    [cost] = [part.amount for part in roll.amounts if part.name == "cost"]
    # Two fees of 0.65 a contract against 2,000 a contract received.
    assert cost == dollars("-7994.80")


def test_a_hedge_rung_needs_the_price_of_its_index() -> None:
    offered = seen(put(85, HALF_YEARS[0]))
    assert wishes(proposed(offered, 10_000))
    blind = replace(offered, underlyings=())
    unpriced = replace(
        offered,
        underlyings=tuple(
            replace(one, quote=replace(one.quote, bid=None, ask=None))
            for one in offered.underlyings
        ),
    )
    for shown in (blind, unpriced):
        outcomes = proposed(shown, 10_000)
        assert not wishes(outcomes)
        assert any("hedge rung on SPY" in told.reason for told in refused(outcomes))


def test_shares_have_no_end_and_are_never_rolled() -> None:
    ladder = constitution().ladder
    assert ladder is not None
    assert judge_rung(shares(), None, MONDAY, ladder) is None


@pytest.mark.parametrize(("days", "is_sold"), [(300, False), (80, True)])
def test_a_roll_that_the_ladder_cannot_pay_waits_and_near_the_end_funds_the_next(
    days: int, *, is_sold: bool
) -> None:
    held = call(120, MONDAY + timedelta(days=days), mid="3.00", delta=0.60)
    contract = held.instrument
    assert isinstance(contract, OptionContract)
    outcomes = proposed(seen(call(120, EXPIRIES[2]), held=(held,)), 0, rung(contract))
    assert [wish.rule for wish in wishes(outcomes)] == ["ladder.mature"] * is_sold
    told = [row.reason for row in refused(outcomes) if row.candidate == str(contract)]
    assert told == ["the rung is to be rolled: no roll fits the ladder"] * (not is_sold)
