"""Openings and closes over one look: conditions, sizes, exits, and no two sides of a contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allusedesk.domain.identifiers import OrderId, PositionId
from allusedesk.domain.instruments import Instrument, Right, Stock
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import ProposalKind, Side, TurnedDown
from allusedesk.domain.quotes import Quote, Volatility
from allusedesk.protocol.views import IssuerRoom, Wish
from allusedesk.strategy.definition import Band, Definition, Trend
from allusedesk.strategy.runner import CONTRADICTION, chains_wanted, propose_all
from allusedesk.strategy.standing import Holding, Scene, Standing, Taken, Uncovered
from tests.strategy.definitions import (
    EXPIRY,
    chain,
    look,
    quoted,
    scene,
    shipped,
    standing,
)
from tests.trading import DAY, GEN, NOON, call, dollars, lot, price, put

SPREAD, CONDOR, WHEEL = shipped("put-credit-spread"), shipped("iron-condor"), shipped("wheel")
SHORT, LONG = put(98, EXPIRY), put(95, EXPIRY)


def any_day(definition: Definition, **entry: Any) -> Definition:
    """The definition with entries on every weekday, whatever VIX says."""
    parts = tuple(
        replace(part, entry=replace(part.entry, weekdays=(), vix=None, **entry))
        for part in definition.parts
    )
    return replace(definition, parts=parts)


def held(*lots: Position, part: str = "spread") -> Holding:
    return Holding(part, lots)


def own(instrument: Instrument, signed: int, at: str, **changes: Any) -> Position:
    usual = {
        "id": PositionId(f"{instrument}"),
        "price_average": price(at),
        "role": PositionRole.STRATEGY,
        "opened_by": OrderId("strategy"),
    }
    return lot(instrument, signed, **{**usual, **changes})


def spread_held(size: int = 5) -> Holding:
    return held(own(SHORT, -size, "1.53"), own(LONG, size, "0.78"))


def wishes(at: Scene, *standings: Standing) -> list[Wish]:
    return [wish for one in propose_all(standings, at) for wish in one.decision.wishes]


def refusals(at: Scene, *standings: Standing) -> list[TurnedDown]:
    return [down for one in propose_all(standings, at) for down in one.decision.turned_down]


def test_a_spread_is_opened_within_its_share_of_the_sleeve() -> None:
    (wish,) = wishes(scene(look()), standing(any_day(SPREAD)))
    assert [leg.instrument for leg in wish.legs] == [SHORT, LONG]
    # 5% of 300,000 over 300.65 would be 49; the definition allows ten.
    assert wish.quantity == 10
    assert wish.strategy == "put-credit-spread@1.0"
    assert wish.rule == "spread.entry"
    assert {amount.name: amount.amount for amount in wish.amounts} == {
        "premium": dollars(750),
        "tied up": dollars("3006.50"),
        "lost at worst": dollars(2250),
    }


@given(some.integers(0, 20_000), some.integers(0, 20_000), some.integers(0, 300_000))
def test_never_more_is_tied_up_than_is_free_within_the_share_and_the_issuers_room(
    free: int, room: int, equity: int
) -> None:
    one = standing(
        any_day(SPREAD),
        cash_free=dollars(free),
        equity=dollars(equity),
        rooms=(IssuerRoom("AAPL", dollars(room)),),
    )
    for wish in wishes(scene(look()), one):
        (tied,) = [each.amount for each in wish.amounts if each.name == "tied up"]
        assert tied <= min(dollars(free), dollars(room), dollars(equity) * Decimal("0.05"))


def test_what_one_takes_of_cash_and_issuer_the_next_one_does_not_have() -> None:
    room = (IssuerRoom("AAPL", dollars(5_000)),)
    first = standing(any_day(SPREAD), rooms=room)
    second = standing(replace(any_day(SPREAD), name="again"), account=GEN, rooms=room)
    assert [wish.quantity for wish in wishes(scene(look()), first, second)] == [10, 6]
    short = replace(first, cash_free=dollars(4_000), rooms=())
    again = replace(short, definition=second.definition)
    assert [wish.quantity for wish in wishes(scene(look()), short, again)] == [10, 3]


def test_what_is_too_small_says_so_with_its_figures() -> None:
    (down,) = refusals(scene(look()), standing(any_day(SPREAD), cash_free=dollars(300)))
    assert down.rule == "strategy.too_small"
    assert "300.65" in down.reason


def test_only_on_its_days_and_not_more_often_than_it_says() -> None:
    # DAY is a Tuesday: the spread wants Mondays and Wednesdays.
    assert propose_all([standing(SPREAD)], scene(look()))[0].decision.wishes == ()
    definition = any_day(SPREAD)
    full = standing(definition, holdings=(spread_held(), spread_held()))
    assert not wishes(scene(look()), full)
    young = replace(spread_held(), lots=(own(SHORT, -5, "1.53", opened_at=NOON),))
    assert not [
        wish
        for wish in wishes(scene(look()), standing(definition, holdings=(young,)))
        if wish.rule == "spread.entry"
    ]
    asked = standing(definition, asked=(("spread", "AAPL"),))
    assert not wishes(scene(look()), asked)
    assert not wishes(scene(look()), standing(definition, is_on=False))


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ({"vix": Band(Decimal(12), Decimal(20))}, "strategy.vix"),
        ({"trend": Trend.ABOVE}, "strategy.trend"),
        ({"credit_min": Decimal("0.90")}, "strategy.credit"),
    ],
)
def test_each_condition_of_entry_is_told_where_it_fails(entry: dict[str, Any], rule: str) -> None:
    definition = any_day(SPREAD)
    part = replace(definition.parts[0], entry=replace(definition.parts[0].entry, **entry))
    seen = replace(look(), volatility=Volatility(Decimal(30), None, DAY))
    (down,) = refusals(scene(seen), standing(replace(definition, parts=(part,))))
    assert down.rule == rule


def test_earnings_before_the_expiry_keep_the_wheel_out() -> None:
    month = quoted(Right.PUT, 98, 0.28, "1.50", DAY + timedelta(days=28))
    wheel = any_day(WHEEL)
    assert wishes(scene(look(month)), standing(wheel))
    seen = look(month, earnings_next=DAY + timedelta(days=9))
    (down,) = refusals(scene(seen), standing(wheel))
    assert down.rule == "strategy.earnings"


@pytest.mark.parametrize("holder", ["classic@1.0 in F1.gen", "another strategy"])
def test_nobody_takes_the_other_side_of_a_contract(holder: str) -> None:
    taken = (Taken(SHORT, Side.BUY, holder),)
    (down,) = refusals(scene(look(), taken=taken), standing(any_day(SPREAD)))
    assert down.rule == CONTRADICTION
    assert holder in down.reason
    same = (Taken(SHORT, Side.SELL, holder),)
    assert wishes(scene(look(), taken=same), standing(any_day(SPREAD)))


def test_two_strategies_of_one_look_never_stand_on_both_sides() -> None:
    mirrored = replace(
        any_day(SPREAD),
        name="mirror",
        parts=(
            replace(
                any_day(shipped("tail-hedge")).parts[0],
                legs=(replace(SPREAD.parts[0].legs[0], side=Side.BUY, name="long put"),),
            ),
        ),
    )
    first, second = standing(any_day(SPREAD)), standing(mirrored, account=GEN)
    found = propose_all([first, second], scene(look()))
    assert [len(one.decision.wishes) for one in found] == [1, 0]
    (down,) = found[1].decision.turned_down
    assert down.rule == CONTRADICTION
    assert "put-credit-spread@1.0 in F1.rev" in down.reason


def priced(short: str, long: str, spot: str = "101", **changes: Any) -> Scene:
    quotes = (
        quoted(Right.PUT, 98, 0.3, short),
        quoted(Right.PUT, 95, 0.2, long),
    )
    return scene(look(*quotes, spot=spot, **changes))


@pytest.mark.parametrize(
    ("short", "long", "rule", "kind"),
    [
        ("0.60", "0.23", "spread.exit.profit", ProposalKind.ADJUSTMENT),
        ("4.00", "1.74", "spread.exit.loss", ProposalKind.RISK_BREACH),
        ("0.60", "0.22", None, None),
        ("4.00", "1.76", None, None),
    ],
)
def test_profit_and_loss_are_taken_at_their_numbers(
    short: str, long: str, rule: str | None, kind: ProposalKind | None
) -> None:
    one = standing(SPREAD, holdings=(spread_held(),))
    found = wishes(priced(short, long), one)
    if rule is None:
        # 0.75 was received: 0.37 to close is 50.7% earned, 0.38 is 49.3%.
        assert found == []
        return
    (wish,) = found
    assert (wish.rule, wish.kind, wish.quantity) == (rule, kind, 5)
    assert [(leg.side, leg.closes) for leg in wish.legs] == [
        (Side.BUY, PositionId(f"{SHORT}")),
        (Side.SELL, PositionId(f"{LONG}")),
    ]


def test_time_ends_what_other_options_protect() -> None:
    at = priced("1.00", "0.40")
    one = standing(SPREAD, holdings=(spread_held(),))
    assert not wishes(replace(at, today=EXPIRY - timedelta(days=15)), one)
    (wish,) = wishes(replace(at, today=EXPIRY - timedelta(days=14)), one)
    assert wish.rule == "spread.exit.days_left"
    assert wish.comparisons[0].value == "14"


def test_a_wing_that_nobody_bids_for_is_left_and_the_short_is_bought_back() -> None:
    worthless = quoted(Right.PUT, 95, 0.01, "0.02", bid=None)
    near = scene(look(quoted(Right.PUT, 98, 0.1, "0.20"), worthless))
    (wish,) = wishes(near, standing(SPREAD, holdings=(spread_held(),)))
    assert [leg.instrument for leg in wish.legs] == [SHORT]
    orphan = held(own(LONG, 5, "0.78"))
    assert not wishes(near, standing(SPREAD, holdings=(orphan,)))
    (sale,) = wishes(priced("1.00", "0.30"), standing(SPREAD, holdings=(orphan,)))
    assert sale.rule == "spread.exit.orphan"


def test_a_short_without_an_ask_is_told_and_nothing_half_is_closed() -> None:
    silent = quoted(Right.PUT, 98, 0.3, "0.20", ask=None, last=price("0.20"))
    at = scene(look(silent, quoted(Right.PUT, 95, 0.2, "0.10")))
    one = standing(SPREAD, holdings=(spread_held(),))
    assert not wishes(at, one)
    (down,) = refusals(at, one)
    assert down.rule == "quote.none"


def test_what_is_on_its_way_out_is_not_closed_twice() -> None:
    busy = standing(SPREAD, holdings=(spread_held(),), busy=(PositionId(f"{SHORT}"),))
    assert not wishes(priced("0.60", "0.23"), busy)


def test_a_dividend_worth_more_than_the_calls_time_closes_the_condor() -> None:
    short, long = call(98, EXPIRY), call(105, EXPIRY)
    condor = held(own(short, -5, "1.00"), own(long, 5, "0.40"), part="condor")
    quotes = (quoted(Right.CALL, 98, 0.7, "3.30"), quoted(Right.CALL, 105, 0.1, "2.60"))
    one = standing(CONDOR, holdings=(condor,))
    tomorrow = DAY + timedelta(days=1)
    rich = look(*quotes, ex_dividend_next=tomorrow, dividend_next=Decimal("0.50"))
    (wish,) = wishes(scene(rich), one)
    assert wish.rule == "condor.exit.dividend"
    poor = look(*quotes, ex_dividend_next=tomorrow, dividend_next=Decimal("0.20"))
    assert not wishes(scene(poor), one)
    later = look(*quotes, ex_dividend_next=DAY + timedelta(days=2), dividend_next=Decimal(9))
    assert not wishes(scene(later), one)


SHARES = own(
    Stock("AAPL"),
    500,
    "100",
    id=PositionId("shares"),
    role=PositionRole.SHARES,
    basis=price(103),
    linked_to=PositionId("a put"),
)
MONTH = DAY + timedelta(days=28)


def calls(*rows: tuple[int, float, str]) -> tuple[Quote, ...]:
    return tuple(quoted(Right.CALL, strike, delta, mid, MONTH) for strike, delta, mid in rows)


def test_the_wheel_writes_calls_on_its_shares_at_their_basis_or_above() -> None:
    at = scene(look(*calls((102, 0.45, "1.90"), (103, 0.35, "1.40"), (108, 0.08, "0.30"))))
    one = standing(
        WHEEL,
        holdings=(held(SHARES, part="put"),),
        uncovered=(Uncovered(SHARES.id, 300),),
    )
    (wish,) = wishes(at, one)
    (leg,) = wish.legs
    # 102 is nearer to the middle of its deltas, but lies under what the shares cost.
    assert leg.instrument == call(103, MONTH)
    assert leg.linked_to == SHARES.id
    assert (wish.kind, wish.quantity) == (ProposalKind.COVERED_CALL, 3)
    assert not wishes(at, replace(one, uncovered=()))


def test_shares_that_a_spread_was_given_are_sold_again() -> None:
    given = standing(SPREAD, holdings=(held(SHARES),))
    (wish,) = wishes(scene(look(*chain())), given)
    assert wish.rule == "spread.exit.assigned"
    assert wish.legs[0].instrument == Stock("AAPL")
    assert wish.quantity == 500


def test_a_family_on_its_way_home_closes_everything_and_opens_nothing() -> None:
    one = standing(any_day(SPREAD), holdings=(spread_held(),), is_leaving=True)
    (wish,) = wishes(priced("1.00", "0.40"), one)
    assert wish.rule == "spread.exit.merging"


def test_calls_on_a_long_call_lie_above_it_and_go_before_it_does() -> None:
    diagonal = any_day(shipped("diagonal"), trend=None)
    long = own(call(99, DAY + timedelta(days=300)), 4, "9.00", id=PositionId("long"))
    one = standing(
        diagonal, holdings=(held(long, part="long"),), uncovered=(Uncovered(long.id, 400),)
    )
    rows = calls((98, 0.27, "3.00"), (105, 0.25, "0.90"))
    leap = quoted(Right.CALL, 99, 0.7, "9.00", DAY + timedelta(days=300))
    (wish,) = wishes(scene(look(*rows, leap)), one)
    assert wish.legs[0].instrument == call(105, MONTH)
    assert wish.legs[0].linked_to == long.id
    short = own(call(105, MONTH), -4, "0.90", linked_to=long.id, opened_by=OrderId("other"))
    both = replace(one, holdings=(*one.holdings, held(short, part="short")), uncovered=())
    fallen = replace(leap, bid=price("4.00"), ask=price("4.02"))
    (first,) = wishes(scene(look(*rows, fallen)), both)
    assert first.rule == "short.exit.cover"
    assert first.legs[0].instrument == short.instrument
    (then,) = wishes(scene(look(*rows, fallen)), replace(one, is_on=False))
    assert then.rule == "long.exit.loss"


def test_shares_are_bought_in_whole_lots_where_calls_are_to_be_written_on_them() -> None:
    (collar,) = wishes(scene(look()), standing(shipped("collar")))
    assert (collar.kind, collar.quantity) == (ProposalKind.SHARE_PURCHASE, 2300)
    (kept,) = wishes(scene(look()), standing(shipped("buy-and-hold")))
    assert kept.quantity == 2772
    assert kept.credit_net == price("-101.00")


def test_shares_are_not_begun_with_where_hardly_any_could_be_bought() -> None:
    kept = shipped("buy-and-hold")
    rooms = (IssuerRoom("AAPL", dollars(27_000)),)
    (down,) = refusals(scene(look()), standing(kept, rooms=rooms))
    assert down.rule == "strategy.too_small"
    assert down.reason.startswith("282 shares cost 28,482.00 USD; the part may use 285,0")
    rooms = (IssuerRoom("AAPL", dollars(29_000)),)
    (wish,) = wishes(scene(look()), standing(kept, rooms=rooms))
    assert wish.quantity == 287


def test_only_what_may_be_opened_today_is_asked_for() -> None:
    at = scene(look())
    assert chains_wanted([standing(SPREAD)], at) == ()
    (wish,) = chains_wanted([standing(any_day(SPREAD)), standing(any_day(CONDOR))], at)
    assert (wish.underlying, wish.rights) == ("AAPL", (Right.PUT, Right.CALL))
    assert (wish.days_low, wish.days_high) == (28, 50)
