"""Law and broker: each check on an order that keeps it and on one that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from allusedesk.domain.book import Book
from allusedesk.domain.identifiers import OrderId, PositionId, ProposalId
from allusedesk.domain.orders import Fill, Order, OrderStatus, OrderType, TimeInForce
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Leg, Proposal, ProposalKind, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_conduct import RegimeKind
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.risk.compliance import (
    CHECKS,
    DAY_TRADES,
    INTRADAY,
    LEVEL,
    POSITION_LIMIT,
    REGULATION_T,
    SETTLED,
    Around,
    day_trades,
    judge_conduct,
    objection_at_sending,
)
from allusedesk.risk.limits import Standing, judge
from tests.trading import (
    ROOT,
    STOCK,
    buy,
    call,
    classic,
    dollars,
    funded_book,
    lot,
    price,
    proposal,
    put,
    quote,
    sell,
    snapshot,
    view,
    with_lots,
)

# A Tuesday on which a broker may still apply either regime.
NOW = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
FAR = date(2026, 8, 21)
NEAR = date(2026, 7, 17)


@cache
def rules(profile: str) -> Rulebook:
    folder = ROOT / "resources"
    text = (folder / "rulebooks" / "classic.toml").read_text(encoding="utf-8")
    return parse_rulebook(
        text + (folder / "conduct" / f"{profile}.toml").read_text(encoding="utf-8")
    )


def around(*orders: Order, equity: str | int = 20_000, settled: str | int = 20_000) -> Around:
    return Around(orders, dollars(equity), dollars(settled))


def order(number: int, day: datetime, leg: Leg, quantity: int = 1) -> Order:
    name = OrderId(f"O{number}")
    wanted = proposal(leg, quantity=quantity)
    return Order(
        id=name,
        proposal=ProposalId(f"P{number}"),
        approval=None,  # type: ignore[arg-type] - no test looks at it
        account=wanted.account,
        kind=wanted.kind,
        legs=(leg,),
        quantity=quantity,
        type=OrderType.LIMIT,
        limit=price("1.00"),
        limit_worst=None,
        time_in_force=TimeInForce.DAY,
        good_until=day,
        written_at=day,
        status=OrderStatus.FILLED,
        fills=(Fill(f"{name}-1", name, 0, quantity, price("1.00"), dollars(0), day),),
    )


def round_trips(count: int, first: datetime = NOW - timedelta(days=6)) -> list[Order]:
    """Opened and closed on the same day, one a day."""
    found = []
    for place in range(count):
        day, option = first + timedelta(days=place), put(90 + place, FAR)
        found.append(order(2 * place, day, sell(option)))
        closing = buy(option, closes=PositionId(f"lot{place}"))
        found.append(order(2 * place + 1, day + timedelta(minutes=5), closing))
    return found


def seen(**changes: object) -> MarketSnapshot:
    return replace(snapshot(quote(put(95, FAR))), taken_at=NOW, **changes)  # type: ignore[arg-type]


def judged(
    profile: str, wanted: Proposal, where: Around, book: Book | None = None, now: datetime = NOW
) -> tuple[dict[str, bool], tuple[str, ...]]:
    market = replace(seen(), taken_at=now)
    held = funded_book() if book is None else book
    findings, warnings = judge_conduct(wanted, held, where, market, rules(profile))
    return {finding.rule: finding.comparison.passed for finding in findings}, warnings


ENTRY = proposal(sell(put(95, FAR)), spot=price(100))
CLOSE = proposal(
    buy(put(95, FAR), closes=PositionId("today")),
    kind=ProposalKind.ADJUSTMENT,
    credit_net=price("-1.00"),
)


def with_todays_lot(opened_at: datetime = NOW - timedelta(hours=1)) -> Book:
    todays = lot(put(95, FAR), -1, id=PositionId("today"), opened_at=opened_at)
    return with_lots(funded_book(), todays)


def test_every_check_names_its_source() -> None:
    assert {check.rule for check in CHECKS} == {
        DAY_TRADES, INTRADAY, LEVEL, POSITION_LIMIT, REGULATION_T, SETTLED,
    }  # fmt: skip
    assert all(check.source and check.title for check in CHECKS)


def test_without_a_profile_nothing_is_asked() -> None:
    assert judge_conduct(ENTRY, funded_book(), around(), seen(), classic()) == ([], ())
    no_order = replace(ENTRY, legs=())
    assert judge_conduct(no_order, funded_book(), around(), seen(), rules("unknown")) == ([], ())


def test_a_day_trade_is_a_close_on_the_day_of_the_opening() -> None:
    found = day_trades(round_trips(2))
    assert [str(trade.order) for trade in found] == ["O1", "O3"]
    option = put(95, FAR)
    overnight = [
        order(1, NOW - timedelta(days=1), sell(option)),
        order(2, NOW, buy(option, closes=PositionId("lot"))),
        order(3, NOW, buy(put(96, FAR), closes=PositionId("other"))),
    ]
    assert day_trades(overnight) == ()
    # Half past eight in the evening of New York is the next day in Greenwich.
    late = datetime(2026, 7, 15, 0, 30, tzinfo=UTC)
    evening = [order(1, NOW, sell(option)), order(2, late, buy(option, closes=PositionId("lot")))]
    assert [trade.on for trade in day_trades(evening)] == [date(2026, 7, 14)]


def test_slices_of_one_close_are_one_day_trade() -> None:
    opening, closing = round_trips(1)
    slices = [closing, replace(closing, id=OrderId("O9"))]
    assert len(day_trades([opening, *slices])) == 1


def test_what_is_approved_is_asked_about_again_when_it_is_sent() -> None:
    def objection(*orders: Order) -> str:
        found = objection_at_sending(
            CLOSE, with_todays_lot(), around(*orders), seen(), rules("legacy-pdt")
        )
        return "" if found is None else found.rule

    assert objection(*round_trips(2)) == ""
    assert objection(*round_trips(3)) == DAY_TRADES
    # Its own first slice is at the broker: it is not stopped half way.
    assert (
        objection(*round_trips(3), replace(order(99, NOW, CLOSE.legs[0]), proposal=CLOSE.id)) == ""
    )


def test_the_fourth_day_trade_is_refused_below_the_minimum() -> None:
    book = with_todays_lot()
    assert judged("legacy-pdt", CLOSE, around(*round_trips(2)), book)[0][DAY_TRADES]
    assert not judged("legacy-pdt", CLOSE, around(*round_trips(3)), book)[0][DAY_TRADES]
    rich = around(*round_trips(3), equity=25_000)
    assert DAY_TRADES not in judged("legacy-pdt", CLOSE, rich, book)[0]


def test_a_close_of_yesterdays_lot_is_no_day_trade_and_old_ones_are_forgotten() -> None:
    yesterdays = with_todays_lot(NOW - timedelta(days=1))
    assert judged("legacy-pdt", CLOSE, around(*round_trips(3)), yesterdays) == ({}, ())
    old = around(*round_trips(3, NOW - timedelta(days=20)))
    assert judged("legacy-pdt", CLOSE, old, with_todays_lot())[0][DAY_TRADES]
    gone = replace(CLOSE, legs=(buy(put(95, FAR), closes=PositionId("gone")),))
    assert judged("legacy-pdt", gone, around(*round_trips(3)))[0] == {}


def test_an_exit_that_cannot_wait_is_warned_of_instead() -> None:
    exits = replace(CLOSE, kind=ProposalKind.RISK_BREACH)
    found, warnings = judged("legacy-pdt", exits, around(*round_trips(3)), with_todays_lot())
    assert DAY_TRADES not in found
    assert "is 4, the limit is at most 3" in warnings[0]
    assert judged("legacy-pdt", exits, around(), with_todays_lot())[0][DAY_TRADES]


def test_an_opening_that_could_not_be_closed_today_is_warned_of() -> None:
    _, warnings = judged("legacy-pdt", ENTRY, around(*round_trips(3)))
    assert "cannot be closed today" in warnings[0]
    assert judged("legacy-pdt", ENTRY, around(*round_trips(2)))[1] == ()


def test_each_regime_has_its_days_and_unknown_applies_both() -> None:
    before, after = datetime(2026, 6, 3, 15, tzinfo=UTC), datetime(2027, 10, 21, 15, tzinfo=UTC)
    full, book = around(equity=1_000_000), with_todays_lot()
    assert INTRADAY not in judged("unknown", ENTRY, full, now=before)[0]
    assert judged("unknown", ENTRY, full)[0][INTRADAY]
    busy = around(*round_trips(3))
    assert not judged("unknown", CLOSE, busy, book)[0][DAY_TRADES]
    late = replace(with_todays_lot(after - timedelta(hours=1)))
    assert DAY_TRADES not in judged("unknown", CLOSE, busy, late, now=after)[0]
    conduct = rules("unknown").conduct
    assert conduct is not None
    assert [one.kind for one in conduct.regimes] == list(RegimeKind)


def test_no_order_makes_an_intraday_deficit() -> None:
    # Uncovered, the put asks 100 x 20% - 5 a share and its premium: less than 2,000 dollars.
    assert judged("intraday-margin", ENTRY, around(equity=2_000))[0][INTRADAY]
    poor = judged("intraday-margin", ENTRY, around(equity=1_000))[0]
    assert (poor[INTRADAY], poor[REGULATION_T]) == (False, False)
    # Under the older regime Regulation T alone is asked for.
    legacy = judged("legacy-pdt", ENTRY, around(equity=1_000))[0]
    assert (INTRADAY in legacy, legacy[REGULATION_T]) == (False, False)


def test_what_is_held_counts_with_it_and_without_a_price_at_its_strike() -> None:
    shares = lot(STOCK, 100, price_average=price(100))
    known = with_lots(funded_book(), shares)
    assert not judged("intraday-margin", ENTRY, around(equity=3_000), known)[0][INTRADAY]
    foreign = lot(replace(put(50, FAR), underlying="XYZ"), -1, id=PositionId("xyz"))
    unknown = with_lots(funded_book(), foreign)
    assert not judged("intraday-margin", ENTRY, around(equity=6_000), unknown)[0][INTRADAY]
    assert judged("intraday-margin", ENTRY, around(equity=8_000), unknown)[0][INTRADAY]


def test_a_cash_account_buys_with_settled_cash_alone() -> None:
    bought = proposal(buy(put(95, FAR)), credit_net=price("-2.00"), quantity=2)
    assert judged("cash", bought, around(settled=400))[0][SETTLED]
    assert not judged("cash", bought, around(settled=399))[0][SETTLED]
    assert not judged("unknown", bought, around(settled=399))[0][SETTLED]
    assert SETTLED not in judged("legacy-pdt", bought, around(settled=0))[0]
    assert SETTLED not in judged("cash", ENTRY, around(settled=0))[0]
    assert SETTLED not in judged("cash", replace(bought, credit_net=None), around(settled=0))[0]


SPREAD = proposal(sell(put(95, FAR)), buy(put(90, FAR)), spot=price(100))


@pytest.mark.parametrize(
    ("wanted", "level"),
    [
        (proposal(sell(call(105, FAR), linked_to=PositionId("shares"))), 1),
        (ENTRY, 1),
        (proposal(buy(call(105, FAR))), 2),
        (SPREAD, 3),
        # The long ends first, so the short stands alone.
        (proposal(sell(put(95, FAR)), buy(put(90, NEAR))), 1),
        (proposal(sell(call(105, FAR))), 4),
        (proposal(sell(call(105, FAR)), buy(put(95, FAR))), 4),
    ],
)
def test_each_kind_of_opening_needs_its_approval(wanted: Proposal, level: int) -> None:
    findings, _ = judge_conduct(
        replace(wanted, spot=price(100)),
        funded_book(),
        around(equity=10_000_000),
        seen(),
        rules("legacy-pdt"),
    )
    found = next(one.comparison for one in findings if one.rule == LEVEL)
    assert (found.value, found.passed) == (str(level), level <= 3)


def test_shares_need_no_approval_and_a_cash_account_has_no_spreads() -> None:
    shares = proposal(Leg(STOCK, Side.BUY, PositionRole.SHARES), quantity=10, spot=price(100))
    assert LEVEL not in judged("legacy-pdt", shares, around())[0]
    assert judged("cash", SPREAD, around())[0][REGULATION_T] is False
    assert REGULATION_T not in judged("cash", ENTRY, around())[0]


def test_contracts_on_one_side_are_counted_over_lots_orders_and_the_proposal() -> None:
    book = with_lots(
        funded_book(),
        lot(put(95, FAR), -20_000, id=PositionId("short puts")),
        lot(call(95, FAR), 3_000, id=PositionId("long calls")),
        lot(put(90, FAR), 9_999, id=PositionId("long puts")),
        lot(replace(put(90, FAR), underlying="XYZ"), -9_999, id=PositionId("others")),
    )
    live = replace(
        order(1, NOW, sell(put(94, FAR)), 1_000),
        status=OrderStatus.WORKING,
        fills=(),
        proposal=None,  # type: ignore[arg-type] - another proposal's
    )
    closing = replace(live, legs=(buy(put(94, FAR), closes=PositionId("short puts")),))
    full = around(live, closing, order(2, NOW, sell(put(93, FAR)), 9_000), equity=10**12)
    most = replace(ENTRY, quantity=1_000)
    assert judged("legacy-pdt", most, full, book)[0][POSITION_LIMIT]
    assert not judged("legacy-pdt", replace(most, quantity=1_001), full, book)[0][POSITION_LIMIT]
    shares = proposal(Leg(STOCK, Side.BUY, PositionRole.SHARES), quantity=10, spot=price(100))
    assert POSITION_LIMIT not in judged("legacy-pdt", shares, around())[0]


def test_a_symbol_may_have_a_limit_of_its_own() -> None:
    text = (ROOT / "resources" / "rulebooks" / "classic.toml").read_text(encoding="utf-8")
    text += (ROOT / "resources" / "conduct" / "legacy-pdt.toml").read_text(encoding="utf-8")
    own = parse_rulebook(f'{text}\n[[conduct.contracts]]\nsymbol = "AAPL"\ncontracts = 250000\n')
    assert own.conduct is not None
    assert (own.conduct.contracts_of("AAPL"), own.conduct.contracts_of("IBM")) == (250_000, 25_000)


def test_the_judgement_of_a_proposal_refuses_by_them() -> None:
    wanted = replace(ENTRY, quantity=1)
    standing = Standing(view(cash_free=dollars(100_000)), (), around(equity=1_000))
    verdict = judge(wanted, funded_book(), standing, seen(), rules("intraday-margin"))
    failed = [one.name for one in verdict.comparisons if not one.passed]
    assert not verdict.passed
    assert "intraday margin after" in failed
    plain = judge(wanted, funded_book(), Standing(standing.view), seen(), classic())
    assert "intraday margin after" not in [one.name for one in plain.comparisons]
