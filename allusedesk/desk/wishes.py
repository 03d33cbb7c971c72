"""What a person wishes, put into words for the engine; its answers come in the pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QWidget

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.dialogs.confirmation import Confirmation
from allusedesk.desk.dialogs.money_move import MoneyMove
from allusedesk.domain.accounts import AccountId, FamilyId
from allusedesk.domain.inputs import (
    CapitalDeposited,
    CapitalWithdrawn,
    Input,
    Instruction,
    OperatorAsked,
    OperatorInstructed,
    OperatorRequest,
)
from allusedesk.domain.money import Money
from allusedesk.domain.orders import Order

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.snapshot_lots import HeldLot
    from allusedesk.engine.snapshot_sleeves import SleevePicture


class Wishes:
    """Asks before what cannot be taken back, and hands the rest straight to the engine.

    `window` is what its dialogs stand over; `dialog` is the one opened last.
    """

    def __init__(self, context: DeskContext, window: QWidget) -> None:
        self.context = context
        self.window = window
        self.dialog: QDialog | None = None

    def cancel(self, orders: Sequence[Order]) -> None:
        """Cancel these orders, once a person has seen them listed."""
        alive = [order for order in orders if not order.status.is_over]
        if not alive:
            self.context.notices.say("No working order is selected: choose one that is not over.")
            return
        question = (
            f"Cancel {len(alive)} working order{'s' if len(alive) > 1 else ''}? "
            "What is filled stays filled, and nothing of it is sent again."
        )
        self._confirm("Cancel orders", question, alive, partial(self._cancel, alive))

    def cancel_all(self) -> None:
        """Cancel every working order, once a person has seen them listed."""
        picture = self.context.bridge.latest
        alive = [o for o in picture.orders if not o.status.is_over] if picture is not None else []
        if not alive:
            self.context.notices.say("No order is working, so there is nothing to cancel.")
            return
        question = f"Cancel all {len(alive)} working orders? What is filled stays filled."
        self._confirm("Cancel all orders", question, alive, self._cancel_all)

    def close(self, lots: Sequence[HeldLot]) -> None:
        """Ask the engine to propose the close of each of these lots."""
        self._ask_about(lots, OperatorRequest.CLOSE)

    def roll(self, lots: Sequence[HeldLot]) -> None:
        """Ask the engine to propose the roll its rules would find for each of these lots."""
        self._ask_about(lots, OperatorRequest.ROLL)

    def fork(self, account: str) -> None:
        """Ask for the fork of a sleeve."""
        self._asked(OperatorRequest.FORK, account)

    def merge(self, family: str) -> None:
        """Ask for the return of a family."""
        self._asked(OperatorRequest.MERGE, family)

    def classify(self) -> None:
        """Ask for the market condition of the week under way to be decided again."""
        picture = self.context.bridge.latest
        if picture is None or picture.week is None:
            self.context.notices.say("No week is planned yet: its condition is decided with it.")
            return
        week = str(picture.week.id)
        event = OperatorAsked(OperatorRequest.CLASSIFY, week, self.context.operator)
        self._admit(event, f"Asked to classify {week} again: its condition comes to Week, or a no.")

    def deposit(self) -> None:
        """Bring money into a family, after asking how much and into which."""
        picture = self.context.bridge.latest
        families = [] if picture is None else picture.families
        places = [
            (str(family.id), f"{family.id}, worth {formatting.money(family.equity)}")
            for family in families
        ]
        self._move(
            "Deposit",
            "Money from outside is shared over the family's sleeves by the rulebook and raises "
            "their bases; it is no gain.",
            places,
            "Bring it in",
            self._deposit,
        )

    def withdraw(self, account: str = "") -> None:
        """Take money out of a sleeve, after asking how much; `account` is offered first."""
        picture = self.context.bridge.latest
        sleeves = [one for one in picture.sleeves if one.can_pay_out] if picture is not None else []
        sleeves.sort(key=lambda one: str(one.account.id) != account)
        places = [(str(one.account.id), _free_of(one)) for one in sleeves]
        self._move(
            "Withdrawal",
            "Only settled cash that secures no put, and no tax reserve, can leave. Gen and Rev "
            "pay out, Com never does.",
            places,
            "Take it out",
            self._withdraw,
        )

    def instruct(self, instruction: Instruction, account: str = "") -> None:
        """Pause, continue or reset a sleeve; all of them where none is named."""
        word, where = instruction.value, account or "every sleeve"
        question = {
            Instruction.PAUSE: f"Pause {where}? Nothing new is entered; what is held is managed.",
            Instruction.CONTINUE: f"Let {where} enter again, where nothing else stands against it?",
            Instruction.RESET: f"Reset {where} after a stop? It may then enter again by its rules.",
        }[instruction]
        dialog = Confirmation(word.capitalize(), question, [where], word.capitalize(), self.window)
        dialog.agreed.connect(partial(self._instruct, instruction, account))
        self._open(dialog)

    def _instruct(self, instruction: Instruction, account: str, reason: str) -> None:
        name = AccountId(account) if account else None
        said = reason or "at the desk"
        event = OperatorInstructed(instruction, self.context.operator, said, name)
        self._admit(event, f"{instruction.value.capitalize()}: {account or 'every sleeve'}.")

    def _ask_about(self, lots: Sequence[HeldLot], request: OperatorRequest) -> None:
        if not lots:
            self.context.notices.say(f"Choose a position first: which one to {request.value}?")
        for held in lots:
            self._asked(request, held.lot.id)

    def _asked(self, request: OperatorRequest, subject: str) -> None:
        event = OperatorAsked(request, subject, self.context.operator)
        self._admit(event, f"Asked to {request.value} {subject}: it comes to Approvals, or a no.")

    def _cancel(self, orders: Sequence[Order], reason: str) -> None:
        for order in orders:
            event = OperatorAsked(OperatorRequest.CANCEL, order.id, self.context.operator, reason)
            self._admit(event, "")

    def _cancel_all(self, reason: str) -> None:
        self._admit(OperatorAsked(OperatorRequest.CANCEL, "", self.context.operator, reason), "")

    def _confirm(
        self, title: str, question: str, orders: Sequence[Order], take: Callable[[str], None]
    ) -> None:
        dialog = Confirmation(
            title, question, [order_in_words(order) for order in orders], title, self.window
        )
        dialog.agreed.connect(take)
        self._open(dialog)

    def _move(
        self,
        title: str,
        explanation: str,
        places: Sequence[tuple[str, str]],
        yes: str,
        take: Callable[[str, Decimal], None],
    ) -> None:
        if not places:
            self.context.notices.say("No family is funded yet: wait until the desk is set up.")
            return
        dialog = MoneyMove(title, explanation, places, yes, self.window)
        dialog.agreed.connect(take)
        self._open(dialog)

    def _deposit(self, family: str, amount: Decimal) -> None:
        picture = self.context.bridge.latest
        if picture is not None:
            day = picture.at.astimezone(formatting.NEW_YORK).date()
            event = CapitalDeposited(FamilyId(family), Money(amount), day)
            self._admit(event, f"{formatting.money(Money(amount))} USD come into {family}.")

    def _withdraw(self, account: str, amount: Decimal) -> None:
        picture = self.context.bridge.latest
        if picture is not None:
            day = picture.at.astimezone(formatting.NEW_YORK).date()
            self._admit(CapitalWithdrawn(AccountId(account), Money(amount), day), "")

    def _open(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.open()

    def _admit(self, event: Input, told: str) -> None:
        try:
            self.context.bridge.admit(event)
        except RuntimeError as fault:
            self.context.notices.warn(str(fault))
            return
        if told:
            self.context.notices.say(told)


class Denials:
    """Tells each request that the engine turned down, once."""

    def __init__(self, context: DeskContext) -> None:
        self._context = context
        self._told: int | None = None

    def hear(self, picture: DeskSnapshot) -> None:
        """Tell what is new in a picture; what was said before this window came is not told."""
        newest = max((denial.sequence for denial in picture.denied), default=0)
        if self._told is None:
            self._told = newest
        for denial in picture.denied:
            if denial.sequence > self._told:
                event = denial.event
                self._context.notices.warn(
                    f"Not possible to {event.request.value} {event.subject or 'orders'}: "
                    f"{event.reason} ({event.rule})."
                )
        self._told = max(self._told, newest)


def order_in_words(order: Order) -> str:
    """One order on a line: how many of what, at which net limit, and how far it is."""
    legs = " + ".join(
        f"{leg.side.name.lower()} {formatting.instrument(leg.instrument)}" for leg in order.legs
    )
    return (
        f"{order.quantity} x {legs} at {formatting.price(order.limit)}, "
        f"{order.quantity_filled} filled, {order.status.value} ({order.account})"
    )


def _free_of(sleeve: SleevePicture) -> str:
    return f"{sleeve.account.id}, {formatting.money(sleeve.cash_free)} free"
