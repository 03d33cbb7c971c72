from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Stock
from allusedesk.domain.proposals import ProposalKind, Side
from allusedesk.domain.quotes import Quote
from allusedesk.protocol.entry import decide_entries
from allusedesk.protocol.entry_contracts import choose_at_the_money, listed_days
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.views import Decision, Freeze, IssuerRoom, SleeveView
from tests.protocol.examples import (
    COM,
    FRIDAY,
    GEN,
    MONDAY,
    REV,
    THURSDAY,
    WEDNESDAY,
    WEEK,
    D,
    at,
    chain,
    classic,
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

LADDER = ((90, 20.0), (93, 29.0), (95, 34.0), (97, 41.0), (100, 50.0))


def puts(
    now: datetime,
    *rungs: tuple[int, float],
    expiry: date = FRIDAY,
    symbol: str = "AAPL",
    **changes: Any,
) -> tuple[Quote, ...]:
    return tuple(
        quote(option(strike, expiry, symbol=symbol), delta=delta, now=now, **changes)
        for strike, delta in rungs or LADDER
    )


def decide(
    seen: SleeveView,
    day: date = MONDAY,
    clock: str = "10:00",
    quotes: tuple[Quote, ...] | None = None,
    condition: str = "Green",
    deploy: str = "0.95",
    rulebook: Rulebook | None = None,
    **announced: Any,
) -> Decision:
    now = at(day, clock)
    spot = underlying(now=announced.pop("quoted", now), **announced)
    listed = puts(now) if quotes is None else quotes
    chains = (chain(*listed),) if listed else ()
    today = WEEK.session_on(day)
    assert today is not None
    return decide_entries(
        seen,
        market(spot, chains=chains, now=now),
        condition,
        D(deploy),
        WEEK,
        today,
        now,
        rulebook or classic(),
    )


def rules(decision: Decision) -> list[str]:
    return [item.rule for item in decision.turned_down]


def test_the_contract_nearest_the_middle_is_sold_at_mid_in_whole_lots() -> None:
    decision = decide(view(REV))
    (wish,) = decision.wishes
    assert (wish.kind, wish.quantity, wish.rule) == (ProposalKind.ENTRY, 9, "entry.delta")
    assert wish.legs[0].instrument == option(95)
    assert wish.legs[0].side is Side.SELL
    assert wish.credit_net is not None
    assert str(wish.credit_net) == "2.00"
    amounts = {item.name: item.amount for item in wish.amounts}
    assert amounts["premium"] == dollars(1800)
    assert amounts["collateral"] == dollars("85505.85")
    assert wish.most_earnable == D("0.02098277")
    assert wish.target == D("0.010")
    outside = wish.turned_down[0]
    assert (outside.rule, outside.count) == ("entry.delta", 4)
    assert outside.candidate == "AAPL 2013-02-08 puts"
    assert [item.value for item in wish.comparisons if item.name == "delta"] == ["34"]
    assert "earnings.unknown" in wish.reason


def test_the_same_cycle_again_makes_no_second_wish() -> None:
    assert rules(decide(view(REV, busy=("AAPL",)))) == ["cycle.busy"]
    assert rules(decide(view(REV, entered=("AAPL",)))) == ["cycle.entered"]
    open_put = lot(option(95))
    assert rules(decide(view(REV, lots=(open_put,)))) == ["position.open"]
    other = lot(option(95, symbol="MSFT"))
    assert len(decide(view(REV, lots=(other,))).wishes) == 1


@pytest.mark.parametrize(
    ("day", "clock", "condition", "rule"),
    [
        (THURSDAY, "10:00", "Green", "entry.day"),
        (MONDAY, "09:44:59", "Green", "entry.window"),
        (MONDAY, "15:30:01", "Green", "entry.window"),
        (MONDAY, "10:00", "Chop", "entry.day"),
        (date(2013, 2, 5), "10:00", "Red", "entry.day"),
    ],
)
def test_outside_day_or_window_nothing_is_entered(
    day: date, clock: str, condition: str, rule: str
) -> None:
    decision = decide(view(REV), day, clock, condition=condition)
    assert decision.wishes == ()
    assert rules(decision) == [rule]


@pytest.mark.parametrize("clock", ["09:45", "15:30"])
def test_both_ends_of_the_window_belong_to_it(clock: str) -> None:
    assert len(decide(view(REV), clock=clock).wishes) == 1


@pytest.mark.parametrize(
    ("condition", "day", "strike"),
    [("Green", MONDAY, 95), ("Red", MONDAY, 93), ("Chop", WEDNESDAY, 90)],
)
def test_the_condition_shifts_the_band(condition: str, day: date, strike: int) -> None:
    rungs = ((90, 25.0), (93, 30.0), (95, 35.0))
    now = at(day, "10:00")
    (wish,) = decide(view(REV), day, condition=condition, quotes=puts(now, *rungs)).wishes
    assert wish.legs[0].instrument == option(strike)


@pytest.mark.parametrize(
    ("delta", "is_sold"),
    [(30.0, True), (29.99, True), (25.0, True), (24.99, False), (40.0, True), (40.01, False)],
)
def test_the_band_and_its_slack_below_for_want_of_better(delta: float, is_sold: bool) -> None:
    now = at(MONDAY, "10:00")
    decision = decide(view(REV), quotes=puts(now, (95, delta)))
    assert bool(decision.wishes) is is_sold
    if not is_sold:
        assert rules(decision) == ["entry.delta", "entry.delta"]


def test_lower_deltas_stay_out_while_a_strike_lies_in_the_band() -> None:
    now = at(MONDAY, "10:00")
    tied = decide(view(REV), quotes=puts(now, (90, 29.0), (95, 40.0))).wishes[0]
    assert tied.legs[0].instrument == option(95)
    lower = decide(view(REV), quotes=puts(now, (92, 33.0), (96, 37.0))).wishes[0]
    assert lower.legs[0].instrument == option(92)


def test_gates_pass_over_the_nearest_contract_and_say_so() -> None:
    now = at(MONDAY, "10:00")
    thin = puts(now, (95, 35.0), open_interest=499)
    (wish,) = decide(view(REV), quotes=(*thin, *puts(now, (94, 33.0)))).wishes
    assert wish.legs[0].instrument == option(94)
    assert wish.turned_down[0].rule == "liquidity.open_interest"
    adjusted = quote(option(95, multiplier=10), delta=35.0, now=now)
    assert rules(decide(view(REV), quotes=(adjusted,)))[0] == "deliverable.standard"
    unknown = quote(option(95), now=now)
    blind = decide(view(REV), quotes=(unknown, unknown, *puts(now, (94, 20.0)))).turned_down
    assert [(row.rule, row.count) for row in blind[:2]] == [("entry.delta", 1), ("greeks.none", 2)]
    nothing = puts(now, (95, 35.0), bid="0.01", ask="0.01")
    assert len(decide(view(REV), quotes=nothing).wishes) == 1
    half_tick = puts(now, (95, 35.0), bid="0.004", ask="0.006")
    assert rules(decide(view(REV), quotes=half_tick))[0] == "premium.none"
    one_sided = puts(now, (95, 35.0), bid=None)
    assert rules(decide(view(REV), quotes=one_sided))[0] == "quote.invalid"


def test_size_follows_the_average_volume_and_never_the_target() -> None:
    now = at(MONDAY, "10:00")
    few = puts(now, (95, 35.0), volume_average=105.0, bid="0.10", ask="0.10", volume_is_of_day=True)
    (wish,) = decide(view(REV, 500_000), quotes=few).wishes
    assert wish.quantity == 10
    assert "fewer than the 49 affordable" in wish.reason
    assert "not reachable today" in wish.reason
    assert "day's alone" in wish.reason


@pytest.mark.parametrize(
    ("seen", "rule"),
    [
        ({"earnings_next": FRIDAY}, "earnings.before_expiry"),
        ({"earnings_next": date(2013, 2, 13), "earnings_estimated": True}, "earnings.estimate"),
        ({"is_halted": True}, "underlying.halted"),
        ({"is_frozen_for_action": True}, "corporate_action.freeze"),
        ({"quoted": at(MONDAY, "09:59:29")}, "quote.age"),
        ({"quote": quote(Stock("AAPL"), None, None)}, "quote.none"),
        ({"quotes": ()}, "chain.none"),
    ],
)
def test_what_a_symbol_can_be_refused_for(seen: dict[str, Any], rule: str) -> None:
    assert rules(decide(view(REV), **seen)) == [rule]


def test_a_price_exactly_thirty_seconds_old_is_fresh() -> None:
    assert len(decide(view(REV), quoted=at(MONDAY, "09:59:30")).wishes) == 1


def test_the_entry_days_are_told_where_they_refuse() -> None:
    (chop,) = decide(view(GEN), THURSDAY, condition="Chop").turned_down
    assert chop.limit == "one of none this week"
    (green,) = decide(view(GEN)).turned_down
    assert green.limit == "one of 2013-02-07"


def test_freezes_suspensions_and_an_idle_week() -> None:
    assert rules(decide(view(REV, freezes=(Freeze("recovery.freeze"),)))) == ["freeze.entries"]
    other = view(REV, freezes=(Freeze("split", "MSFT"),))
    assert len(decide(other).wishes) == 1
    assert rules(decide(view(REV, puts_suspended_by="breaker.drawdown"))) == ["breaker.drawdown"]
    assert rules(decide(view(REV), deploy="0")) == ["condition.idle"]


def test_a_symbol_not_seen_or_without_an_expiry_is_turned_down() -> None:
    assert rules(decide(view(REV, symbols=("MSFT",)))) == ["quote.none"]
    now = at(MONDAY, "10:00")
    late = puts(now, (95, 35.0), expiry=FRIDAY + timedelta(days=7))
    (none,) = decide(view(REV), quotes=late).turned_down
    assert (none.rule, none.value, none.limit) == ("expiry.none", "11", "2 to 7")


def test_gen_takes_one_day_and_never_widens() -> None:
    now = at(THURSDAY, "10:00")
    quotes = puts(now, (100, 45.0))
    (wish,) = decide(view(GEN), THURSDAY, quotes=quotes).wishes
    assert wish.legs[0].instrument == option(100)
    later = puts(now, (100, 45.0), expiry=FRIDAY + timedelta(days=3))
    assert rules(decide(view(GEN), THURSDAY, quotes=later)) == ["expiry.none"]


def test_gen_under_red_sells_up_to_four_days_out_on_monday() -> None:
    quotes = puts(at(MONDAY, "10:00"), (98, 40.0))
    assert len(decide(view(GEN), condition="Red", quotes=quotes).wishes) == 1


def test_a_widened_expiry_is_marked() -> None:
    narrow = classic_with(
        ("days_to_expiry = { low = 2, high = 7 }", "days_to_expiry = { low = 3, high = 3 }")
    )
    (wish,) = decide(view(REV), rulebook=narrow).wishes
    assert wish.rule == "expiry.widened"
    assert "expiry.widened" in wish.reason


def test_money_is_shared_over_the_symbols_that_pass() -> None:
    now = at(MONDAY, "10:00")
    seen = view(REV, symbols=("AAPL", "MSFT", "AMZN"), issuer_rooms=(
        IssuerRoom("MSFT", dollars(5_000)),
    ))  # fmt: skip
    chains = tuple(
        chain(*puts(now, (strike, 35.0), symbol=symbol), symbol=symbol)
        for symbol, strike in (("AAPL", 450), ("MSFT", 27), ("AMZN", 260))
    )
    spots = tuple(underlying(symbol, now=now) for symbol in seen.symbols)
    decision = decide_entries(
        seen,
        market(*spots, chains=chains, now=now),
        "Green",
        D("0.95"),
        WEEK,
        WEEK.sessions[0],
        now,
        classic(),
    )
    sold = [(wish.legs[0].instrument.underlying, wish.quantity) for wish in decision.wishes]
    assert sold == [("MSFT", 1), ("AMZN", 1)]
    assert rules(decision) == ["lot.unaffordable"]
    assert "a sleeve of" in decision.turned_down[0].reason


def test_shares_held_bar_puts_until_gen_has_recovered() -> None:
    now = at(THURSDAY, "10:00")
    quotes = puts(now, (97, 45.0))
    held = replace(shares(), id=PositionId("s"))
    calls_only = view(GEN, lots=(held,))
    assert "assignment.calls_only" in rules(decide(calls_only, THURSDAY, quotes=quotes))
    near = replace(calls_only, equity_high=dollars("105263.15"))
    assert [w.kind for w in decide(near, THURSDAY, quotes=quotes).wishes] == [ProposalKind.ENTRY]
    far = replace(calls_only, equity_high=dollars("105263.16"))
    assert "assignment.calls_only" in rules(decide(far, THURSDAY, quotes=quotes))
    rev = view(REV, lots=(held,), equity_high=dollars(100_000))
    assert "assignment.calls_only" in rules(decide(rev))


@pytest.mark.parametrize(
    ("held", "rooms", "lots", "rule"),
    [
        # A quarter of 100,000 may be of one symbol; a lot at 97 holds 9,700.65.
        (100, (), 1, None),
        (150, (), 1, None),
        (200, (), 0, "cap.symbol"),
        (100, (IssuerRoom("AAPL", dollars(9_701)),), 1, None),
        (100, (IssuerRoom("AAPL", dollars(9_700)),), 0, "issuer.cap"),
    ],
)
def test_shares_held_count_under_the_sleeves_own_cap_of_a_symbol(
    held: int, rooms: tuple[IssuerRoom, ...], lots: int, rule: str | None
) -> None:
    quotes = puts(at(THURSDAY, "10:00"), (97, 42.0))
    seen = view(GEN, lots=(shares(held),), issuer_rooms=rooms, equity_high=dollars(100_000))
    decision = decide(seen, THURSDAY, quotes=quotes, rulebook=constitution())
    entries = [wish for wish in decision.wishes if wish.kind is ProposalKind.ENTRY]
    assert sum(wish.quantity for wish in entries) == lots
    assert (rule in rules(decision)) is (rule is not None)
    two = decide(view(GEN), THURSDAY, quotes=quotes, rulebook=constitution())
    assert [wish.quantity for wish in two.wishes] == [2]


def test_com_buys_its_first_shares_and_only_then_sells_puts() -> None:
    first = view(COM, has_traded=False)
    (wish,) = decide(first).wishes
    assert (wish.kind, wish.quantity) == (ProposalKind.SHARE_PURCHASE, 900)
    assert wish.legs[0].instrument == Stock("AAPL")
    assert str(wish.credit_net) == "-100.00"
    frozen = replace(first, freezes=(Freeze("merging"),))
    assert rules(decide(frozen)) == ["freeze.entries", "freeze.entries"]
    poor = view(COM, 9_000, has_traded=False)
    decision = decide(poor, quotes=puts(at(MONDAY, "10:00"), (80, 25.0)))
    assert [w.kind for w in decision.wishes] == [ProposalKind.ENTRY]
    assert rules(decision)[0] == "lot.unaffordable"
    assert decide(view(COM)).wishes[0].kind is ProposalKind.ENTRY


def test_com_sells_puts_only_where_its_shares_were_called_away() -> None:
    quotes = puts(at(MONDAY, "10:00"), (95, 22.0))
    without = decide(view(COM), quotes=quotes, rulebook=constitution())
    assert (without.wishes, rules(without)) == ((), ["entry.reenter"])
    again = decide(view(COM, reenters=("AAPL",)), quotes=quotes, rulebook=constitution())
    assert [wish.legs[0].instrument for wish in again.wishes] == [option(95)]


def test_com_cannot_buy_an_index_for_its_first_shares() -> None:
    decision = decide(replace(view(COM, has_traded=False), symbols=("SPX",)))
    assert rules(decision)[0] == "accounts.first_shares"
    assert decision.wishes == ()


def test_a_tier_without_puts_or_calls_opens_none() -> None:
    calls = classic_with(('instruments = ["CSP", "CC"]', 'instruments = ["CC"]'))
    now = at(THURSDAY, "10:00")
    assert decide(view(GEN), THURSDAY, quotes=puts(now), rulebook=calls) == Decision()
    only_puts = classic_with(('instruments = ["CSP", "CC"]', 'instruments = ["CSP"]'))
    held = view(GEN, lots=(shares(),))
    decision = decide(held, THURSDAY, quotes=puts(now), rulebook=only_puts)
    assert rules(decision) == ["assignment.calls_only"]


def test_an_expiry_of_today_is_listed_and_one_of_yesterday_is_over() -> None:
    listed = chain(expiries=(MONDAY - timedelta(days=1), MONDAY, FRIDAY))
    assert listed_days(listed, MONDAY) == (0, 4)


def test_a_share_among_the_options_of_a_chain_is_a_broken_promise() -> None:
    stray = quote(Stock("AAPL"), now=at(MONDAY, "10:00"))
    with pytest.raises(TypeError, match="AAPL is no option"):
        choose_at_the_money((stray,), D(100), at(MONDAY, "10:00"), classic())
