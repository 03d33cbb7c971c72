"""Rows of the read side about proposals, orders, fills and the lots they leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allusedesk.domain import events as told
from allusedesk.domain.book import Booking, LotChange
from allusedesk.journal.answer_projections import (
    ANSWER_PROJECTIONS,
    answer_approved,
    answer_declined,
)
from allusedesk.journal.read_tables import Place, compare, put, turn_down
from allusedesk.journal.words.phrases import decided_by, legs_in_words


def _proposal_made(place: Place, event: told.ProposalMade) -> None:
    made = event.proposal
    place.put(
        "proposals",
        id=made.id,
        week=made.week,
        account=made.account,
        kind=made.kind,
        legs=legs_in_words(made.legs),
        quantity=made.quantity,
        credit_net=made.credit_net,
        rule=str(made.rule),
        reason=made.reason,
        note=made.note,
        spot=made.spot,
        most_earnable=made.most_earnable,
        target=made.target,
        is_modelled=made.is_modelled,
        made_at=made.made_at,
        expires_at=made.expires_at,
        verdict="open",
        decided_by="",
        verdict_reason="",
        scenarios="",
        break_evens="",
        quantity_done=0,
        trust="",
    )
    compare(place, str(made.week), made.comparisons)
    turn_down(place, str(made.week), made.account, made.turned_down, made.id)


def _proposal_refused(place: Place, event: told.ProposalRefused) -> None:
    week = place.found("proposals", event.proposal, "week") or place.week
    place.change(
        "proposals",
        event.proposal,
        verdict="refused",
        verdict_reason=event.rule,
        decided_in=place.sequence,
    )
    place.put(
        "refusals", week=week, account=event.account, proposal=event.proposal, rule=event.rule
    )
    compare(place, week, event.comparisons)


def _risk_judged(place: Place, event: told.RiskJudged) -> None:
    place.change(
        "proposals",
        event.proposal,
        worst_case=event.worst_case,
        scenarios="; ".join(f"{one.name}: {one.amount}" for one in event.scenarios),
        break_evens=", ".join(str(price) for price in event.break_evens),
    )
    compare(place, place.week, event.comparisons)


def _proposal_approved(place: Place, event: told.ProposalApproved) -> None:
    place.change(
        "proposals",
        event.proposal,
        verdict="approved",
        decided_by=decided_by(event),
        decided_at=event.granted_at,
        decided_in=place.sequence,
    )
    answer_approved(place, event)


def _proposal_declined(place: Place, event: told.ProposalDeclined) -> None:
    place.change(
        "proposals",
        event.proposal,
        verdict="declined",
        decided_by=event.operator,
        decided_at=place.recorded_at,
        verdict_reason=event.reason,
        decided_in=place.sequence,
    )
    answer_declined(place, event)


def _proposal_lapsed(place: Place, event: told.ProposalLapsed) -> None:
    place.change(
        "proposals",
        event.proposal,
        verdict="lapsed",
        decided_at=place.recorded_at,
        decided_in=place.sequence,
    )


def _proposal_voided(place: Place, event: told.ProposalVoided) -> None:
    reason = f"{event.rule}: {event.reason}"
    place.change(
        "proposals",
        event.proposal,
        verdict="voided",
        verdict_reason=reason,
        decided_in=place.sequence,
    )


def _proposal_completed(place: Place, event: told.ProposalCompleted) -> None:
    place.change("proposals", event.proposal, quantity_done=event.quantity_done)


def _order_written(place: Place, event: told.OrderWritten) -> None:
    order = event.order
    place.put(
        "orders",
        id=order.id,
        proposal=order.proposal,
        week=place.found("proposals", order.proposal, "week") or place.week,
        account=order.account,
        kind=order.kind,
        legs=legs_in_words(order.legs),
        quantity=order.quantity,
        limit_first=order.limit,
        limit_last=order.limit,
        limit_worst=order.limit_worst,
        mid_at_send=event.mid,
        written_at=order.written_at,
        status=order.status,
        status_reason="",
        moves=0,
    )
    # The fills of an order name its legs by number only.
    for number, leg in enumerate(order.legs):
        place.put("order_legs", id=f"{order.id}/{number}", instrument=str(leg.instrument))


def _order_status(place: Place, event: told.OrderStatusChanged) -> None:
    place.change(
        "orders",
        event.order,
        status=event.status,
        status_reason=event.reason,
        status_in=place.sequence,
    )


def _order_moved(place: Place, event: told.OrderMoved) -> None:
    place.change("orders", event.order, limit_last=event.limit, moves=event.version - 1)


def _fill_booked(place: Place, event: told.FillBooked) -> None:
    for fill in event.fills:
        place.put(
            "fills",
            id=fill.id,
            order_id=event.order,
            week=place.found("orders", event.order, "week") or place.week,
            account=place.found("orders", event.order, "account"),
            leg=fill.leg,
            instrument=place.found("order_legs", f"{event.order}/{fill.leg}", "instrument") or "",
            quantity=fill.quantity,
            price=fill.price,
            commission=fill.commission,
            filled_at=fill.filled_at,
        )
    _book(place, event.booking, "fill", event.order)


def _book(place: Place, booking: Booking, how: str, reason: str) -> None:
    place.put("bookings", week=place.week, how=how, reason=reason, commission=booking.commission)
    for one in booking.changes:
        _change_lot(place, one, how)
    for move in booking.cash:
        place.put(
            "cash_moves",
            week=place.week,
            account=move.account,
            amount=move.amount,
            settles_on=move.settles_on,
            reason=move.reason,
            how=how,
        )


def _change_lot(place: Place, one: LotChange, how: str) -> None:
    lot = one.after or one.before
    if lot is None:
        return
    if one.before is None:
        put(
            place.tables,
            "lots",
            id=lot.id,
            account=lot.account,
            instrument_opened=str(lot.instrument),
            role=lot.role,
            opened_by=lot.opened_by,
            opened_at=lot.opened_at,
            opened_week=place.week,
            opened_sequence=place.sequence,
        )
    place.change(
        "lots",
        lot.id,
        instrument=str(lot.instrument),
        price_average=lot.price_average,
        spot_at_open=lot.spot_at_open,
        basis=lot.basis,
        linked_to=lot.linked_to,
    )
    if one.after is None:
        place.change(
            "lots",
            lot.id,
            closed_week=place.week,
            closed_sequence=place.sequence,
            closed_how=how,
        )
    place.put(
        "lot_changes",
        week=place.week,
        lot=lot.id,
        account=lot.account,
        quantity_before=one.before.quantity_signed if one.before else 0,
        quantity_after=one.after.quantity_signed if one.after else 0,
        realised=one.realised,
        how=how,
    )


ORDER_PROJECTIONS: dict[type, Callable[[Place, Any], None]] = {
    **ANSWER_PROJECTIONS,
    told.ProposalMade: _proposal_made,
    told.ProposalRefused: _proposal_refused,
    told.RiskJudged: _risk_judged,
    told.ProposalApproved: _proposal_approved,
    told.ProposalDeclined: _proposal_declined,
    told.ProposalLapsed: _proposal_lapsed,
    told.ProposalVoided: _proposal_voided,
    told.ProposalCompleted: _proposal_completed,
    told.OrderWritten: _order_written,
    told.OrderStatusChanged: _order_status,
    told.OrderMoved: _order_moved,
    told.FillBooked: _fill_booked,
    told.CashBooked: lambda place, e: _book(place, e.booking, "cash", e.reason),
    told.AssignmentBooked: lambda place, e: _book(place, e.booking, "assignment", e.notice),
    told.SettlementBooked: lambda place, e: _book(place, e.booking, "settlement", e.notice),
    told.ExpiryBooked: lambda place, e: _book(place, e.booking, "expiry", e.notice),
    told.DividendBooked: lambda place, e: _book(place, e.booking, "dividend", e.notice),
    told.ChargeBooked: lambda place, e: _book(place, e.booking, "cash", e.reason),
    told.SplitBooked: lambda place, e: _book(place, e.booking, "split", e.notice),
}
