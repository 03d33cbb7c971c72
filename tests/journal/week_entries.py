"""Two recorded weeks of one small desk, entry by entry, with figures easy to check by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.domain.accounts import Account, AccountId, AccountKind, Family, FamilyId
from allusedesk.domain.book import Booking, CashMove, LotChange
from allusedesk.domain.events import Entry, Event
from allusedesk.domain.identifiers import ApprovalId, OrderId, PositionId, ProposalId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price
from allusedesk.domain.orders import Fill, Order, OrderStatus, OrderType, TimeInForce
from allusedesk.domain.positions import Position, PositionRole
from allusedesk.domain.proposals import (
    Comparison,
    Leg,
    NamedAmount,
    Proposal,
    ProposalKind,
    RuleReference,
    Side,
    TurnedDown,
)
from allusedesk.domain.weeks import Session, TradingWeek, WeekId
from tests.journal.sample_entries import snapshot

GEN = AccountId("F1.gen")
REV = AccountId("F1.rev")
PUT = OptionContract("AAPL", date(2026, 2, 13), Right.PUT, Decimal(260))
LOT = PositionId("2026-W07/F1.gen/P1/O1/L0")


def at(day: int, hour: int = 15) -> datetime:
    return datetime(2026, 2, day, hour, tzinfo=UTC)


def usd(amount: object) -> Money:
    return Money(Decimal(str(amount)))


def price(amount: object) -> Price:
    return Price(Decimal(str(amount)))


def session(day: int) -> Session:
    return Session(date(2026, 2, day), at(day, 14), at(day, 21))


def planned(number: int, days: list[int], after: int) -> heard.WeekPlanned:
    sessions = tuple(session(day) for day in days)
    return heard.WeekPlanned(TradingWeek(2026, number, sessions, sessions[-1].date), session(after))


def proposal(number: int, day: int, turned: tuple[TurnedDown, ...] = ()) -> Proposal:
    return Proposal(
        id=ProposalId(f"2026-W07/F1.gen/P{number}"),
        account=GEN,
        week=WeekId(2026, 7),
        kind=ProposalKind.ENTRY,
        legs=(Leg(PUT, Side.SELL, PositionRole.WEEKLY_PUT),),
        quantity=2,
        credit_net=price("1.20"),
        rule=RuleReference("classic@1.0", "entry.delta"),
        reason="Delta 42 lies within the band.",
        comparisons=(Comparison("delta", "42", "40 to 45", passed=True),),
        turned_down=turned,
        snapshot_sequence=7,
        made_at=at(day),
        expires_at=at(day, 16),
        spot=price("262.10"),
        most_earnable=Decimal("0.0046"),
        target=Decimal("0.015"),
        is_modelled=True,
    )


def lot(quantity: int) -> Position:
    return Position(LOT, GEN, PUT, quantity, price("1.19"), PositionRole.WEEKLY_PUT, ORDER, at(12))


ORDER = OrderId("2026-W07/F1.gen/P1/O1")


def order() -> Order:
    made = proposal(1, 12)
    return Order(
        id=ORDER,
        proposal=made.id,
        approval=ApprovalId(f"{made.id}/A"),
        account=GEN,
        kind=made.kind,
        legs=made.legs,
        quantity=2,
        type=OrderType.LIMIT,
        limit=price("1.20"),
        limit_worst=price("1.15"),
        time_in_force=TimeInForce.DAY,
        good_until=at(12, 21),
        written_at=at(12),
    )


def fill(number: int) -> Fill:
    return Fill(f"X{number}", ORDER, 0, 1, price("1.19"), usd("0.65"), at(12))


def balances(day: int, gen: object, rev: object) -> told.BalancesMarked:
    marks = tuple(
        told.SleeveMark(
            account,
            equity=usd(equity),
            cash=usd(equity),
            positions=usd(0),
            collateral=usd(0),
            unrealised=usd(0),
            high=usd(equity),
            drawdown=Decimal(0),
        )
        for account, equity in ((GEN, gen), (REV, rev))
    )
    return told.BalancesMarked(date(2026, 2, day), marks, (), is_modelled=True)


def deposit(day: int, gen: object, rev: object, reason: str) -> told.CashBooked:
    moves = tuple(
        CashMove(account, usd(amount), date(2026, 2, day), reason)
        for account, amount in ((GEN, gen), (REV, rev))
    )
    return told.CashBooked(Booking((), moves), reason)


TURNED = TurnedDown("AAPL 265 put", "entry.delta", "delta 47 above the band", "47", "45", 3)


def first_week() -> list[tuple[datetime, Event]]:
    accounts = (
        Account(GEN, FamilyId("F1"), AccountKind.GENERATION, date(2026, 2, 9)),
        Account(REV, FamilyId("F1"), AccountKind.REVENUE, date(2026, 2, 9)),
    )
    symbols = (heard.SymbolList(AccountKind.GENERATION, ("AAPL", "MSFT")),)
    week = WeekId(2026, 7)
    opened = heard.DeskOpened(
        heard.Mode.REHEARSAL, "classic@1.0", "text", symbols, "SPY", 7, "desk 0.1", ("one", "two")
    )
    checked = (Comparison("cash", "1", "2", passed=False),)
    return [
        (at(9, 13), opened),
        (
            at(9, 13),
            told.FamilyOpened(
                Family(FamilyId("F1"), None, date(2026, 2, 9)), accounts, (usd(1000), usd(500))
            ),
        ),
        (at(9, 13), deposit(9, 1000, 500, "deposit")),
        (at(9, 13), planned(7, [9, 10, 11, 12, 13], 17)),
        (
            at(9),
            told.ConditionClassified(
                week, "Green", "condition.green", checked, Decimal("0.95"), Decimal(18), Decimal(20)
            ),
        ),
        (at(9, 21), balances(9, 1000, 500)),
    ]


def a_thursday() -> list[tuple[datetime, Event]]:
    made, refused, declined = (proposal(n, 12) for n in (1, 2, 3))
    bought = Booking(
        (LotChange(None, lot(-2)),), (CashMove(GEN, usd("238.00"), date(2026, 2, 13), "premium"),)
    )
    checked = (Comparison("cash", "1", "2", passed=False),)
    week = WeekId(2026, 7)
    return [
        (at(12), heard.MarketSampled("A1", snapshot(quotes=3))),
        (
            at(12),
            told.EntriesWeighed(GEN, week, (made.id,), (TURNED, TURNED), Decimal("0.015")),
        ),
        (at(12), told.ProposalMade(proposal(1, 12, (TURNED,)))),
        (
            at(12),
            told.RiskJudged(
                made.id,
                comparisons=(),
                warnings=(),
                worst_case=usd(-52000),
                scenarios=(NamedAmount("10% down", usd(-900)),),
                break_evens=(price("258.80"),),
                collateral_before=usd(0),
                collateral_after=usd(52000),
                cash_free_after=usd(100),
            ),
        ),
        (at(12), told.ProposalApproved(made.id, ApprovalId("A"), "policy all", at(12), at(13))),
        (at(12), told.OrderWritten(order(), price("1.21"))),
        (at(12), told.OrderMoved(ORDER, 2, price("1.18"), 2)),
        (at(12), told.FillBooked(ORDER, (fill(1), fill(2)), bought)),
        (
            at(12),
            told.OrderStatusChanged(ORDER, OrderStatus.WORKING, OrderStatus.FILLED, "in full"),
        ),
        (at(12), told.ProposalCompleted(made.id, 2, "")),
        (at(12), told.ProposalMade(refused)),
        (at(12), told.ProposalRefused(refused.id, GEN, "liquidity.spread", checked)),
        (at(12), told.ProposalMade(declined)),
        (at(12), told.ProposalDeclined(declined.id, "operator", "not today")),
        (
            at(12),
            told.LevelChanged(LOT, "L0", "L1", Decimal("1.1"), Decimal(4), price("258")),
        ),
        (at(12), told.NoticeRaised("warning", "AAPL", "=1+1 is no formula here.")),
        (at(13, 21), balances(13, 1020, 495)),
    ]


def second_week() -> list[tuple[datetime, Event]]:
    week = WeekId(2026, 7)
    gone = Booking((LotChange(lot(-2), None, usd("238.00")),), ())
    return [
        (at(13, 22), told.ExpiryBooked("E1", gone)),
        (at(13, 22), planned(8, [17, 18, 19, 20], 23)),
        (
            at(17),
            told.OutcomeClassified(GEN, week, LOT, "P-EW", "final", (), "Expired worthless."),
        ),
        (at(17), told.OutcomeClassified(REV, week, None, "W-IDL", "final", (), "Idle.")),
        (at(17), told.WeekLabelled(FamilyId("F1"), week, "Earn", ("Hold",))),
        (at(17), told.WeekClosed(week, is_final=True, version=1)),
        (at(17), told.ConditionMissing(WeekId(2026, 8), "VIX is missing.")),
        (at(17), told.DeskHalted("The operator pressed halt.")),
        (at(18), deposit(18, 100, 0, "deposit")),
        (at(18), deposit(18, -1, 0, "fee of the custodian")),
        (at(18, 21), balances(18, 1000, 495)),
        (at(18, 22), told.FamilyForked(GEN, FamilyId("F1-1"), usd(50))),
    ]


def recorded() -> list[Entry]:
    told_in_order = first_week() + a_thursday() + second_week()
    return [
        Entry(number, moment + timedelta(milliseconds=number), number - 1 or None, event)
        for number, (moment, event) in enumerate(told_in_order, 1)
    ]
