from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import NOTHING, total
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import TurnedDown
from allusedesk.domain.quotes import Quote
from allusedesk.domain.sleeve_events import CarriedBudget
from allusedesk.protocol.closing_orders import Outcome
from allusedesk.protocol.hedge_choice import forward_of, propose_hedge
from allusedesk.protocol.hedges import (
    HedgeEvidence,
    budget_left,
    carry_budget,
    hedge_budget,
    hedge_symbols,
    judge_release,
    judge_triggers,
    release_wish,
)
from allusedesk.protocol.rulebook_management import HedgeRules
from allusedesk.protocol.views import Wish
from tests.protocol.examples import (
    MONDAY,
    D,
    chain,
    classic,
    classic_with,
    constitution,
    dollars,
    lot,
    market,
    option,
    price,
    quote,
    underlying,
    view,
)

HALF_A_YEAR = MONDAY + timedelta(days=182)


def rules() -> HedgeRules:
    hedging = constitution().hedging
    assert hedging is not None
    return hedging


def offered(
    strike: str, expiry: date, ask: str = "2.00", spread: str = "0.02", symbol: str = "SPY"
) -> tuple[Outcome, ...]:
    contract = option(strike, expiry, symbol=symbol)
    put = quote(contract, str(D(ask) - D(spread)), ask)
    seen = market(underlying(symbol, "100"), chains=(chain(put, symbol=symbol),))
    return propose_hedge(view(), dollars(1000), seen, MONDAY, constitution())


@pytest.mark.parametrize(
    ("evidence", "is_called"),
    [
        (HedgeEvidence(), False),
        (HedgeEvidence(is_breached=True), True),
        (HedgeEvidence(vix_days=4), False),
        (HedgeEvidence(vix_days=5), True),
        (HedgeEvidence(index_fall=D("0.1999")), False),
        (HedgeEvidence(index_fall=D("0.20")), True),
        (HedgeEvidence(breadth=D("0.20")), False),
        (HedgeEvidence(breadth=D("0.1999")), True),
    ],
)
def test_a15_each_trigger_calls_for_hedges_from_its_number(
    evidence: HedgeEvidence, *, is_called: bool
) -> None:
    verdict = judge_triggers(evidence, rules())
    assert (verdict.verdict == "hedge") is is_called
    assert len(verdict.comparisons) == 4


def test_a15_the_budget_is_the_greater_of_two_parts() -> None:
    assert hedge_budget(dollars(300_000), dollars(50_000), rules()) == dollars(3000)
    assert hedge_budget(dollars(300_000), dollars(80_000), rules()) == dollars(4000)
    assert hedge_budget(dollars(300_000), dollars(-80_000), rules()) == dollars(3000)


@pytest.mark.parametrize(
    ("strike", "days", "is_bought"),
    [
        ("90", 182, True),
        ("80", 182, True),
        ("90.5", 182, False),
        ("79.5", 182, False),
        ("85", 181, False),
        ("85", 365, True),
        ("85", 366, False),
    ],
)
def test_a15_the_put_lies_in_both_bands(strike: str, days: int, *, is_bought: bool) -> None:
    outcomes = offered(strike, MONDAY + timedelta(days=days))
    wishes = [item for item in outcomes if isinstance(item, Wish)]
    assert bool(wishes) is is_bought
    if is_bought:
        assert wishes[0].quantity == 5
        assert wishes[0].legs[0].role is PositionRole.HEDGE


def test_a15_whole_contracts_within_the_budget_or_none() -> None:
    assert not [item for item in offered("85", HALF_A_YEAR, ask="10.50") if isinstance(item, Wish)]
    [told] = [
        item
        for item in offered("85", HALF_A_YEAR, ask="10.50")
        if isinstance(item, TurnedDown) and "budget" in item.reason
    ]
    assert told.rule == "hedge.none"


def test_of_the_gates_only_the_spread_binds() -> None:
    assert [i for i in offered("85", HALF_A_YEAR, spread="0.09") if isinstance(i, Wish)]
    assert not [i for i in offered("85", HALF_A_YEAR, spread="0.12") if isinstance(i, Wish)]


def test_the_first_index_that_is_quoted_is_taken() -> None:
    outcomes = offered("85", HALF_A_YEAR, symbol="XSP")
    assert [item.candidate for item in outcomes if isinstance(item, TurnedDown)] == ["SPX", "VIX"]
    [wish] = [item for item in outcomes if isinstance(item, Wish)]
    bought = wish.legs[0].instrument
    assert isinstance(bought, OptionContract)
    assert bought.underlying == "XSP"


@pytest.mark.parametrize(
    ("mark", "vix", "is_called", "is_sold"),
    [
        ("6.00", "40", True, True),
        ("5.99", "40", True, False),
        ("1.00", "19.99", False, True),
        ("1.00", "20", False, False),
        ("1.00", "19.99", True, False),
    ],
)
def test_a15_a_hedge_goes_at_three_times_its_price_or_when_stress_has_gone(
    mark: str, vix: str, *, is_called: bool, is_sold: bool
) -> None:
    held = lot(option("85", HALF_A_YEAR, symbol="SPY"), 2, role=PositionRole.HEDGE)
    verdict = judge_release(held, price(mark), Decimal(vix), MONDAY, rules(), is_called=is_called)
    assert (verdict is not None) is is_sold
    if verdict is not None:
        shown = quote(held.instrument, mark, str(D(mark) + D("0.02")))
        wish = release_wish(view(), held, shown, verdict, constitution())
        assert wish is not None
        assert (wish.quantity, wish.legs[0].closes) == (2, held.id)


@pytest.mark.parametrize(
    ("symbol", "days", "is_sold"),
    [("SPY", 5, True), ("SPY", 6, False), ("XSP", 1, False)],
)
def test_a_hedge_that_delivers_shares_goes_before_it_would(
    symbol: str, days: int, *, is_sold: bool
) -> None:
    held = lot(option("85", MONDAY + timedelta(days=days), symbol=symbol), 2)
    verdict = judge_release(held, price("1.00"), D(40), MONDAY, rules(), is_called=True)
    assert (verdict is not None) is is_sold


def test_a_family_that_comes_home_sells_its_hedges() -> None:
    held = lot(option("85", HALF_A_YEAR, symbol="SPY"), 2, role=PositionRole.HEDGE)
    assert judge_release(
        held, price("1.00"), D(40), MONDAY, rules(), is_called=True, is_merging=True
    )


def volatility_chain(forward: int, ask: str = "1.00") -> tuple[Quote, ...]:
    """Calls and puts of one expiry around a forward; the first strike at 1.5 times it is 30."""
    expiry = MONDAY + timedelta(days=180)
    quotes = []
    for strike in range(10, 41, 5):
        for right in Right:
            away = Decimal(strike - forward) * (1 if right is Right.PUT else -1)
            mid = max(away, Decimal(0)) + D(ask)
            contract = OptionContract("VIX", expiry, right, Decimal(strike))
            quotes.append(quote(contract, str(mid - D("0.02")), str(mid + D("0.02"))))
    return tuple(quotes)


def both(budget: int, put_ask: str = "2.00", call: str = "1.00") -> dict[str, int]:
    """What is bought of puts and calls with a budget, at about those prices."""
    contract = option("85", HALF_A_YEAR, symbol="SPY")
    put = quote(contract, str(D(put_ask) - D("0.02")), put_ask)
    calls = volatility_chain(20, call)
    seen = market(
        underlying("SPY", "100"),
        underlying("VIX", "25"),
        chains=(chain(put, symbol="SPY"), chain(*calls, symbol="VIX")),
    )
    outcomes = propose_hedge(view(), dollars(budget), seen, MONDAY, constitution())
    wishes = [item for item in outcomes if isinstance(item, Wish)]
    for wish in wishes:
        bought = wish.legs[0].instrument
        assert isinstance(bought, OptionContract)
        assert bought.underlying == "SPY" or (bought.right, bought.strike) == (Right.CALL, 30)
    return {wish.legs[0].instrument.underlying: wish.quantity for wish in wishes}


@pytest.mark.parametrize(
    ("budget", "bought"),
    [
        # A put costs 199.65 with its fee, a call 100.65, two and one 499.95.
        (1000, {"SPY": 4, "VIX": 2}),
        (999, {"SPY": 2, "VIX": 1}),
        (499, {"SPY": 2}),
        (310, {"SPY": 1, "VIX": 1}),
        (200, {"SPY": 1}),
        (150, {"VIX": 1}),
        (99, {}),
    ],
)
def test_a15_two_puts_go_with_one_call_as_long_as_whole_lots_allow(
    budget: int, bought: dict[str, int]
) -> None:
    assert both(budget) == bought


@given(st.integers(0, 20_000), st.integers(5, 900), st.integers(5, 900))
def test_a_hedge_never_costs_more_than_its_budget(budget: int, put: int, call: int) -> None:
    found = both(budget, str(Decimal(put) / 100 + 1), str(Decimal(call) / 100))
    spent = found.get("SPY", 0) * (put + 100 - 1 + D("0.65")) + found.get("VIX", 0) * (
        call + D("0.65")
    )
    assert spent <= budget + D("0.01") * 100 * sum(found.values())


def test_the_forward_is_that_of_put_call_parity() -> None:
    quotes = volatility_chain(23)
    options = [(q.instrument, q) for q in quotes if isinstance(q.instrument, OptionContract)]
    assert forward_of(options, 0.0, 180) == D("23")
    assert forward_of([], 0.0, 180) is None


@given(
    st.lists(st.integers(0, 5_000), min_size=1, max_size=12),
    st.lists(st.integers(0, 8_000), min_size=12, max_size=12),
)
def test_a_carried_budget_is_spent_once_and_ends_after_four_quarters(
    budgets: list[int], spendings: list[int]
) -> None:
    carried: tuple[CarriedBudget, ...] = ()
    for number, (budget, wished) in enumerate(zip(budgets, spendings, strict=False)):
        before = carried
        left = budget_left(dollars(budget), NOTHING, before)
        spent = min(dollars(wished), left)
        carried = carry_budget(
            dollars(budget), spent, before, f"Q{number}", rules(), was_missed=not spent
        )
        whole = total([item.amount for item in carried])
        # Nothing is spent twice: what was there, less what was spent, bounds what goes on.
        assert whole <= budget_left(dollars(budget), spent, before)
        assert all(0 < item.quarters_left <= 4 for item in carried)
        assert all(number - int(item.quarter[1:]) < 4 for item in carried)
        if not spent and budget:
            assert carried[-1] == CarriedBudget(f"Q{number}", dollars(budget), 4)


def test_a_quarter_that_called_for_nothing_carries_nothing() -> None:
    assert carry_budget(dollars(900), NOTHING, (), "Q1", rules(), was_missed=False) == ()


def test_a_rulebook_without_hedging_buys_no_cover() -> None:
    put = quote(option("85", HALF_A_YEAR, symbol="SPY"), "1.98", "2.00")
    seen = market(underlying("SPY"), chains=(chain(put, symbol="SPY"),))
    assert propose_hedge(view(), dollars(1000), seen, MONDAY, constitution())
    assert propose_hedge(view(), dollars(1000), seen, MONDAY, classic()) == ()


def hedged(*volatility: Quote, bought: tuple[str, ...] = ()) -> tuple[Outcome, ...]:
    """What is proposed with 1000 dollars where SPY shows a call before the put, and VIX these."""
    quotes = (
        quote(option("85", HALF_A_YEAR, Right.CALL, "SPY"), "0.98", "1.00"),
        quote(option("85", HALF_A_YEAR, symbol="SPY"), "1.98", "2.00"),
    )
    seen = market(
        underlying("SPY", "100"),
        chains=(chain(*quotes, symbol="SPY"), chain(*volatility, symbol="VIX")),
    )
    return propose_hedge(view(), dollars(1000), seen, MONDAY, constitution(), bought=bought)


def refused_of(outcomes: tuple[Outcome, ...], candidate: str) -> list[str]:
    return [
        item.reason
        for item in outcomes
        if isinstance(item, TurnedDown) and item.candidate == candidate
    ]


def bought_of(outcomes: tuple[Outcome, ...]) -> list[tuple[str, Right]]:
    found = [item.legs[0].instrument for item in outcomes if isinstance(item, Wish)]
    return [(one.underlying, one.right) for one in found if isinstance(one, OptionContract)]


def test_an_index_is_hedged_by_puts_though_its_chain_shows_cheaper_calls() -> None:
    assert bought_of(hedged()) == [("SPY", Right.PUT)]


def test_what_was_hedged_with_in_this_quarter_is_not_bought_again() -> None:
    calls = volatility_chain(20)
    both_kinds = [("SPY", Right.PUT), ("VIX", Right.CALL)]
    assert bought_of(hedged(*calls)) == both_kinds
    assert bought_of(hedged(*calls, bought=("VIX",))) == both_kinds[:1]
    # One index hedged with is enough: the others are the same cover.
    assert bought_of(hedged(*calls, bought=("SPX",))) == both_kinds[1:]
    assert hedged(*calls, bought=("SPX", "VIX")) == ()


def test_without_a_pair_at_one_strike_volatility_has_no_forward_and_no_hedge() -> None:
    alone = tuple(
        q
        for q in volatility_chain(20)
        if isinstance(q.instrument, OptionContract) and q.instrument.right is Right.CALL
    )
    [reason] = refused_of(hedged(*alone), "VIX")
    assert "no pair of call and put tells the forward" in reason


def test_a_hedge_by_calls_needs_one_far_enough_that_is_tight() -> None:
    # The forward is 20; one and a half times it is 30.
    near = tuple(
        q
        for q in volatility_chain(20)
        if isinstance(q.instrument, OptionContract) and q.instrument.strike < 30
    )
    [reason] = refused_of(hedged(*near), "VIX")
    assert "none at or above 30.00 that is fresh and tight" in reason
    wide = tuple(
        replace(q, ask=price("3.00"))
        if isinstance(q.instrument, OptionContract)
        and q.instrument.strike >= 30
        and q.instrument.right is Right.CALL
        else q
        for q in volatility_chain(20)
    )
    assert refused_of(hedged(*wide), "VIX") == [reason]


def test_a_strike_without_two_sides_does_not_tell_the_forward() -> None:
    quotes = volatility_chain(23)
    options = [(q.instrument, q) for q in quotes if isinstance(q.instrument, OptionContract)]
    # At 25, where call and put are nearest, nobody bids for the put any more.
    silent = [
        (one, replace(q, bid=None) if (one.strike, one.right) == (25, Right.PUT) else q)
        for one, q in options
    ]
    assert forward_of(silent, 0.0, 180) == D(23)


def test_every_symbol_of_cover_is_named_once_and_those_of_a_ladder_that_is_off_are_not() -> None:
    assert hedge_symbols(constitution()) == ("SPX", "XSP", "SPY", "VIX")
    assert hedge_symbols(classic()) == ()
    on = classic_with(("is_on = false", "is_on = true"))
    assert hedge_symbols(on) == ("SPX", "XSP", "SPY")
