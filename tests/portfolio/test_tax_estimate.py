from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, total
from allusedesk.portfolio.holding_periods import Term
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_lots import Ending, LotChoice, TaxConcern
from allusedesk.portfolio.tax_trades import TaxAdjustment, TaxDelivery, TaxEvent, TaxTrade
from tests.portfolio.tax_days import assigned, closing, concerns, gains, on, option, picture, trade
from tests.trading import REV, STOCK, dollars, price


def test_the_oldest_units_go_first_or_those_the_desk_closed() -> None:
    first, second = trade(0, STOCK, 100, -1000), trade(40, STOCK, 100, -2000)
    sold = closing(100, STOCK, -100, 1500, lot=second.lot)
    assert gains(picture(first, second, sold)) == ["500"]
    chosen = picture(first, second, sold, choice=LotChoice.SPECIFIC)
    assert gains(chosen) == ["-500"]
    assert [lot.acquired_on for lot in chosen.lots] == [on(0)]


def test_fees_are_cost_when_bought_and_lower_what_is_got_when_sold() -> None:
    bought = trade(0, STOCK, 100, -1000, fees=dollars("1.25"))
    found = picture(bought, closing(9, STOCK, -40, 500, fees=dollars("0.75")))
    assert found.closings[0].basis == dollars("400.50")
    assert found.closings[0].proceeds == dollars("499.25")
    assert found.lots[0].cost == dollars("600.75")


def test_more_than_a_year_is_long_and_what_was_written_never_is() -> None:
    held = trade(0, STOCK, 200, -2000)
    found = picture(held, closing(366, STOCK, -100, 1500), closing(367, STOCK, -100, 1500))
    assert [one.term for one in found.closings] == [Term.SHORT, Term.LONG]
    put = option("put 90", days=700)
    found = picture(trade(0, put, -1, 300), closing(500, put, 1, -100))
    assert (found.closings[0].term, gains(found)) == (Term.SHORT, ["200"])
    assert found.closings[0].proceeds == dollars(300)
    assert found.closings[0].basis == dollars(100)


def test_expired_options_leave_their_premium() -> None:
    written, bought = option("put 90"), option("call 120")
    found = picture(
        trade(0, written, -2, 300),
        trade(0, bought, 1, -80),
        closing(20, written, 2, 0, is_expiry=True),
        closing(20, bought, -1, 0, is_expiry=True),
    )
    assert gains(found) == ["300", "-80"]
    assert {one.ending for one in found.closings} == {Ending.EXPIRED}


def test_an_assigned_puts_premium_lowers_the_basis() -> None:
    put = option("put 90")
    sold = trade(0, put, -2, 300)
    found = picture(sold, assigned(20, put, sold.lot, 200, 18_000))
    assert found.closings == ()
    assert found.lots[0].cost == dollars(17_700)
    assert found.lots[0].acquired_on == on(20)


def test_each_puts_premium_goes_to_its_own_shares() -> None:
    put = option("put 90")
    dear, cheap = trade(0, put, -1, 500), trade(1, put, -1, 100)
    parts = [assigned(20, put, one.lot, 100, 9_000) for one in (dear, cheap)]
    both = TaxDelivery(
        (parts[0].options[0], parts[1].options[0]), (parts[0].shares[0], parts[1].shares[0])
    )
    assert [lot.cost for lot in picture(dear, cheap, both).lots] == [dollars(8500), dollars(8900)]


def test_a_called_away_calls_premium_adds_to_the_proceeds() -> None:
    shares = trade(0, STOCK, 200, -16_000)
    call = option("call 90", days=60)
    near, far = (trade(day, call, -1, got, spot=price(80)) for day, got in ((10, 200), (11, 100)))
    taken = TaxDelivery(
        (closing(60, call, 1, 0, lot=near.lot), closing(60, call, 1, 0, lot=far.lot)),
        (closing(60, STOCK, -200, 18_000, lot=shares.lot),),
    )
    found = picture(shares, near, far, taken)
    assert total([one.proceeds for one in found.closings]) == dollars(18_300)
    assert total([one.gain for one in found.closings]) == dollars(2300)
    assert {one.instrument for one in found.closings} == {STOCK}
    assert found.closings[0].ending is Ending.CALLED_AWAY


def test_a_long_calls_cost_is_part_of_what_its_shares_cost() -> None:
    call = option("call 70", days=60)
    bought = trade(0, call, 1, -900)
    ended = closing(60, call, -1, 0, lot=bought.lot)
    got = trade(60, STOCK, 100, -7000, linked_to=bought.lot)
    assert picture(bought, TaxDelivery((ended,), (got,))).lots[0].cost == dollars(7900)


def test_the_year_end_marks_index_options() -> None:
    index = option("put 1300", root="SPX", days=700)
    missing = option("call 30", root="VIX", days=700)
    events = [trade(0, index, 1, -900), trade(1, missing, 1, -50), closing(400, index, -1, 500)]
    found = estimate_tax(
        [(one.on, one) for one in events], on(500), {2012: {index: price(7)}}, LotChoice.FIFO
    )
    assert [(one.closed_on, one.ending) for one in found.closings] == [
        (date(2012, 12, 31), Ending.MARKED),
        (on(400), Ending.SOLD),
    ]
    assert gains(found) == ["-200", "-200"]
    assert concerns(found) == [TaxConcern.NO_MARK]
    short = [trade(0, index, -1, 900)]
    ended = estimate_tax(
        [(one.on, one) for one in short], date(2012, 12, 31), {2012: {index: price(7)}}
    )
    assert gains(ended) == ["200"]
    assert ended.lots[0].cost == dollars(-700)


def test_short_calls_stop_the_holding_period_of_shares_held_under_a_year() -> None:
    shares = trade(0, STOCK, 200, -16_000)
    call = option("call 90", days=40)
    written = trade(12, call, -1, 100, spot=price(80), linked_to=shares.lot)
    expired = closing(40, call, 1, 0, lot=written.lot, is_expiry=True)
    sold = closing(380, STOCK, -200, 20_000, lot=shares.lot)
    found = picture(shares, written, expired, sold)
    assert [(one.units, one.term) for one in found.closings if not one.is_short] == [
        (100, Term.SHORT),
        (100, Term.LONG),
    ]
    assert concerns(found) == [TaxConcern.NOT_QUALIFIED]
    # While the call stands the shares have no holding period; once it ended they begin anew.
    standing = picture(shares, written)
    assert [lot.held_from for lot in standing.lots if not lot.is_short] == [None, on(0)]
    ended = picture(shares, written, expired)
    assert [lot.held_from for lot in ended.lots] == [on(40), on(0)]
    assert (
        picture(shares, written, expired, closing(406, STOCK, -200, 20_000)).closings[1].term
        is Term.SHORT
    )


def test_shares_held_long_keep_their_holding_period_under_a_short_call() -> None:
    shares = trade(0, STOCK, 100, -8000)
    call = option("call 90", days=420)
    written = trade(400, call, -1, 100, spot=price(80))
    taken = TaxDelivery(
        (closing(410, call, 1, 0, lot=written.lot),),
        (closing(410, STOCK, -100, 9000, lot=shares.lot),),
    )
    assert picture(shares, written, taken).closings[0].term is Term.LONG


@pytest.mark.parametrize(
    ("strike", "days", "is_flagged"), [("90", 31, False), ("90", 30, True), ("79", 300, True)]
)
def test_qualified_calls_run_more_than_thirty_days_and_are_not_in_the_money(
    strike: str, days: int, *, is_flagged: bool
) -> None:
    call = option(f"call {strike}", days=days + 5)
    written = trade(5, call, -1, 100, spot=price(80))
    found = picture(trade(0, STOCK, 100, -8000), written)
    assert (TaxConcern.NOT_QUALIFIED in concerns(found)) is is_flagged


def test_deep_calls_and_narrow_collars_on_gained_shares_are_flagged() -> None:
    def flagged(paid: int, *options: TaxTrade) -> bool:
        found = picture(trade(0, STOCK, 100, -paid), *options)
        return TaxConcern.CONSTRUCTIVE_SALE in concerns(found)

    deep = trade(9, option("call 79", days=300), -1, 2500, spot=price(100))
    edge = trade(9, option("call 80", days=300), -1, 2500, spot=price(100))
    assert flagged(8000, deep)
    assert not flagged(8000, edge)
    assert not flagged(10_001, deep)
    call = trade(9, option("call 110", days=300), -1, 200, spot=price(100))
    near = trade(10, option("put 91", days=300), 1, -200, spot=price(100))
    far = trade(10, option("put 90", days=300), 1, -200, spot=price(100))
    assert flagged(8000, call, near)
    assert flagged(8000, near, call)
    assert not flagged(8000, call, far)
    assert not flagged(8000, near)


def test_a_split_keeps_days_and_total_basis() -> None:
    put = option("put 90", days=100)
    after = option("put 45", days=100)
    found = picture(
        trade(0, STOCK, 100, -9000),
        trade(1, put, -1, 300),
        TaxAdjustment(on(50), REV, STOCK, STOCK, Decimal(2)),
        TaxAdjustment(on(50), REV, put, after, Decimal(2)),
    )
    assert [(lot.units_signed, lot.cost, lot.acquired_on) for lot in found.lots] == [
        (200, dollars(9000), on(0)),
        (-2, dollars(-300), on(1)),
    ]
    assert found.lots[1].instrument == after


def test_a_reverse_split_pays_for_the_fraction() -> None:
    third = Decimal("0.333333333")
    lots = trade(0, STOCK, 100, -1000), trade(1, STOCK, 1, -13)
    split = TaxAdjustment(on(50), REV, STOCK, STOCK, third, dollars(20))
    found = picture(*lots, split)
    assert sum(lot.units for lot in found.lots) == 33
    paid = found.closings[0]
    assert (paid.units, paid.ending, paid.proceeds) == (0, Ending.IN_LIEU, dollars(20))
    assert paid.basis + total([lot.cost for lot in found.lots]) == dollars(1013)
    gone = TaxAdjustment(on(50), REV, STOCK, STOCK, Decimal(0), dollars(20))
    assert gains(picture(*lots, gone)) == ["-993"]


def test_what_was_never_opened_cannot_be_closed() -> None:
    with pytest.raises(ValueError, match="ever opened"):
        picture(closing(0, STOCK, -1, 10))


_STEPS = some.lists(
    some.tuples(
        some.integers(0, 20),
        some.sampled_from(["shares", "call", "put", "index", "close", "deliver", "split"]),
        some.integers(1, 3),
        some.integers(1, 900),
    ),
    max_size=25,
)


def played(steps: Sequence[tuple[int, str, int, int]]) -> list[TaxEvent]:
    """Random trades that a book could bear: nothing is closed that is not open."""
    events: list[TaxEvent] = []
    held: list[TaxTrade] = []
    day = 0
    written = option("put 90", days=900)
    kinds: dict[str, Instrument] = {
        "shares": STOCK,
        "call": option("call 90", days=900),
        "put": written,
        "index": option("put 1300", root="SPX", days=900),
    }
    for wait, kind, units, amount in steps:
        day += wait
        if kind in kinds:
            bought = kind == "shares" or amount % 2
            count = units * 100 if kind == "shares" else units
            sign = 1 if bought else -1
            opened = trade(
                day,
                kinds[kind],
                sign * count,
                -sign * amount,
                lot=PositionId(f"lot {len(events)}"),
                spot=price(60 + amount % 60),
                fees=dollars("0.65"),
            )
            events.append(opened)
            held.append(opened)
        elif kind == "close" and held:
            one = held.pop(amount % len(held))
            events.append(_closed(day, one, amount, str(units)))
        elif kind == "deliver":
            puts = [one for one in held if one.instrument == written and one.units_signed < 0]
            for one in puts[:1]:
                held.remove(one)
                got = assigned(day, written, one.lot, -100 * one.units_signed, 9000)
                events.append(got)
                held.append(got.shares[0])
        elif kind == "split" and any(one.instrument == STOCK for one in held):
            events.append(TaxAdjustment(on(day), REV, STOCK, STOCK, Decimal(2)))
            held = [
                trade(0, STOCK, 2 * one.units_signed, 0, lot=one.lot)
                if one.instrument == STOCK
                else one
                for one in held
            ]
    return events


def _closed(day: int, one: TaxTrade, amount: int, fees: str) -> TaxTrade:
    sign = -1 if one.units_signed > 0 else 1
    units = abs(one.units_signed)
    return closing(
        day, one.instrument, sign * units, -sign * amount, lot=one.lot, fees=dollars(fees)
    )


def trades_in(events: Sequence[TaxEvent]) -> list[TaxTrade]:
    found: list[TaxTrade] = []
    for event in events:
        if isinstance(event, TaxTrade):
            found.append(event)
        elif isinstance(event, TaxDelivery):
            found += [*event.options, *event.shares]
    return found


@settings(max_examples=150, deadline=None)
@given(_STEPS, some.sampled_from(LotChoice))
def test_gains_and_open_lots_add_up_to_the_cash(
    steps: Sequence[tuple[int, str, int, int]], choice: LotChoice
) -> None:
    """At every length of history: what wash sales defer stays in the lots, to the last cent."""
    events = played(steps)
    for end in range(len(events) + 1):
        found = picture(*events[:end], choice=choice, through=2000)
        cash = total([one.amount - one.fees for one in trades_in(events[:end])])
        counted = total([one.gain for one in found.closings])
        still_held = total([lot.cost + lot.deferred for lot in found.lots])
        assert counted - still_held == cash
        assert all(one.disallowed >= NOTHING for one in found.closings)


@settings(max_examples=100, deadline=None)
@given(_STEPS, some.sampled_from(LotChoice))
def test_units_are_conserved_between_bookings_and_lots(
    steps: Sequence[tuple[int, str, int, int]], choice: LotChoice
) -> None:
    events = played(steps)
    held: dict[Instrument, int] = {}
    for event in events:
        for one in trades_in([event]):
            held[one.instrument] = held.get(one.instrument, 0) + one.units_signed
        if isinstance(event, TaxAdjustment):
            held[event.after] = 2 * held[event.before]
    found = picture(*events, choice=choice)
    lots: dict[Instrument, int] = dict.fromkeys(held, 0)
    for lot in found.lots:
        assert lot.units > 0
        lots[lot.instrument] += lot.units_signed
    assert lots == held
