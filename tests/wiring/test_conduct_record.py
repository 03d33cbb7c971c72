"""The evidence of conduct: a sale of what unsettled cash bought, and how long records are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from immutables import Map

from allusedesk.domain.book import Booking, CashMove, LotChange
from allusedesk.domain.events import FillBooked, ProposalApproved
from allusedesk.domain.identifiers import ApprovalId, OrderId, PositionId
from allusedesk.domain.money import Money
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.state import DeskState, Ticket
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.risk.compliance import DayTrade
from allusedesk.wiring.choices import conduct_of, rulebook_text
from allusedesk.wiring.conduct_record import (
    ConductRecord,
    UnpaidSale,
    _follow_cash,
    _is_alone,
    conduct_record,
    within_five_sessions,
)
from allusedesk.wiring.conduct_verdicts import WashSales, verdicts_of
from allusedesk.wiring.requests import RequestRefused
from tests.trading import DAY, NOON, REV, dollars, funded_book, lot, proposal, put, sell

FOUR = (DayTrade(date(2026, 7, 6), put(95), "O"),) * 4
BOUGHT = lot(put(95), 2, id=PositionId("L1"), role=PositionRole.HEDGE)


def fill(before: object, after: object, amount: str) -> FillBooked:
    change = LotChange(before, after, dollars(0))  # type: ignore[arg-type]
    move = CashMove(REV, dollars(amount), DAY, "trade")
    return FillBooked(OrderId("O1"), (), Booking((change,), (move,)))


def followed(settled: int, cost: str, sold_on: date = DAY) -> list[UnpaidSale]:
    before = DeskState(book=funded_book(settled), today=DAY)
    unpaid: dict[PositionId, date] = {}
    sales: list[UnpaidSale] = []
    later = replace(before, today=DAY, session_after=None)
    settles = type("Settling", (), {"day": DAY, "settles_on": lambda _: date(2013, 2, 13)})()
    _follow_cash(before, settles, fill(None, BOUGHT, cost), unpaid, sales)  # type: ignore[arg-type]
    after = replace(later, today=sold_on)
    half = replace(BOUGHT, quantity_signed=1)
    _follow_cash(before, after, fill(BOUGHT, half, "150"), unpaid, sales)
    return sales


def test_selling_what_unsettled_cash_bought_is_a_violation_until_it_settles() -> None:
    # Three sleeves of one account hold a hundred dollars each.
    assert followed(100, "-300") == []
    found = followed(100, "-300.01")
    assert [(one.on, one.settles_on) for one in found] == [(DAY, date(2013, 2, 13))]
    assert followed(100, "-300.01", sold_on=date(2013, 2, 13)) == []


def traded(*days: int) -> tuple[DayTrade, ...]:
    """On days of January 2020, when Monday the 20th was a holiday."""
    return tuple(DayTrade(date(2020, 1, day), put(95), "O") for day in days)


def test_day_trades_are_counted_over_five_sessions() -> None:
    trades = traded(6, 7, 10, 13, 16, 17, 21, 23)
    counted = [within_five_sessions(trades, one.on) for one in trades]
    # From the 16th to the 23rd lie five sessions, though eight days.
    assert counted == [1, 2, 3, 3, 3, 3, 3, 4]


def test_equity_of_the_close_before_decides_which_day_trades_count() -> None:
    poor, rich = dollars(20_000), dollars(30_000)
    four = traded(16, 17, 21, 23)
    span = {"first": date(2020, 1, 1), "last": date(2020, 2, 1), "day_trades": four}

    def fell(day: int) -> tuple[tuple[date, Money], ...]:
        return ((date(2020, 1, 2), rich), (date(2020, 1, day), poor))

    assert not kept(record(**span, closes=fell(22)))["day_trades"]
    assert kept(record(**span, closes=fell(23)))["day_trades"]
    # What equity rose to later excuses nothing.
    assert not kept(record(**span, equity=rich, closes=(*fell(22), (date(2020, 1, 30), rich))))[
        "day_trades"
    ]
    assert kept(record(**span | {"day_trades": four[:3]}))["day_trades"]


def test_good_faith_violations_are_counted_over_twelve_months() -> None:
    days = (date(2026, 1, 5), date(2026, 6, 5), date(2027, 1, 5), date(2027, 5, 28))
    seen = record(good_faith=tuple(UnpaidSale(day, put(95), day) for day in days))
    assert seen.good_faith_most == 3
    assert not kept(seen, "cash")["settled_cash"]
    assert kept(record(good_faith=seen.good_faith[::2]), "cash")["settled_cash"]


def record(**changes: object) -> ConductRecord:
    kept = ConductRecord(
        conduct=None,
        first=date(2026, 7, 1),
        last=date(2026, 8, 3),
        equity=Money(dollars(20_000).amount),
        day_trades=(),
        closes=(),
        good_faith=(),
        level_most=None,
        same_side_most=("", 0),
        short_of_cash=(),
        approvals=0,
        countersigned=0,
        alone=0,
        second_above=None,
        refused=(),
    )
    return replace(kept, **changes)  # type: ignore[arg-type]


def kept(seen: ConductRecord, profile: str = "unknown") -> dict[str, bool]:
    found = verdicts_of(seen, conduct_of(profile), WashSales(0, dollars(0)), ())
    return {one.rule.removeprefix("conduct."): one.is_kept for one in found}


@pytest.mark.parametrize(
    ("changes", "rule", "profile"),
    [
        ({"day_trades": FOUR}, "day_trades", "unknown"),
        ({"short_of_cash": (DAY,)}, "regulation_t", "unknown"),
        ({"short_of_cash": (DAY,)}, "intraday_margin", "intraday-margin"),
        ({"good_faith": (UnpaidSale(DAY, put(95), DAY),) * 3}, "settled_cash", "cash"),
        ({"alone": 1}, "four_eyes", "unknown"),
        ({"level_most": ("an uncovered call", 4)}, "level", "unknown"),
        ({"same_side_most": ("AAPL", 25_001)}, "position_limit", "unknown"),
    ],
)
def test_each_check_can_be_broken(changes: dict[str, object], rule: str, profile: str) -> None:
    assert all(kept(record(), profile).values())
    found = kept(record(**changes), profile)
    assert not found[rule]


def test_what_a_regime_does_not_ask_is_kept() -> None:
    assert kept(record(day_trades=FOUR), "intraday-margin")["day_trades"]
    assert kept(record(day_trades=FOUR, equity=dollars(25_000)))["day_trades"]
    assert kept(record(good_faith=(UnpaidSale(DAY, put(95), DAY),) * 3), "legacy-pdt")[
        "settled_cash"
    ]
    calm = record(level_most=("a spread", 3), same_side_most=("AAPL", 3), second_above=dollars(5))
    assert all(kept(calm).values())


def test_one_signature_where_two_had_to_sign_is_found() -> None:
    asked = proposal(sell(put(100)), quantity=3)
    rules = parse_rulebook(rulebook_text("classic"))
    state = DeskState(rulebook=rules, tickets=Map({asked.id: Ticket(asked)}))
    yes = ProposalApproved(asked.id, ApprovalId("A1"), "ann", NOON, NOON)
    limited = replace(state, second_above=dollars(1_000))
    assert not _is_alone(state, yes)
    assert _is_alone(limited, yes)
    assert not _is_alone(limited, replace(yes, countersigned_by="bob"))
    assert not _is_alone(replace(limited, second_above=dollars(1_000_000)), yes)
    urgent = Ticket(replace(asked, kind=ProposalKind.EMERGENCY_EXIT))
    assert not _is_alone(replace(limited, tickets=Map({asked.id: urgent})), yes)


def test_records_are_kept_for_seven_years() -> None:
    assert record().keep_until == date(2033, 8, 3)
    assert record(last=date(2024, 2, 29)).keep_until == date(2031, 3, 1)


def test_no_desk_and_no_profile_are_refused() -> None:
    with pytest.raises(RequestRefused, match="No desk"):
        conduct_record([], conduct_of("unknown").levels)
    with pytest.raises(RequestRefused, match="there are: cash"):
        rulebook_text("classic+nobody")
