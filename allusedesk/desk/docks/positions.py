"""Positions: every lot with its mark, its profit, its greeks and how near its strike is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.docks.position_columns import LotClock, position_columns
from allusedesk.desk.links import LinkGroup
from allusedesk.desk.table_model import TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme
from allusedesk.desk.totals import Figure, totals_of
from allusedesk.desk.wishes import Wishes

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.snapshot_lots import HeldLot

_FIGURES = (
    Figure("value", lambda held: held.value.amount),
    Figure("unrealised", lambda held: held.unrealised.amount, is_signed=True),
    Figure("collateral", lambda held: held.collateral.amount),
    Figure("delta", lambda held: None if held.greeks is None else held.greeks.delta, 0),
    Figure("theta a day", lambda held: None if held.greeks is None else held.greeks.theta),
)


class PositionsDock(Dock):
    """Every lot held, sleeve by sleeve; what is chosen here is followed by the linked panels."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.clock = LotClock()
        self.wishes = Wishes(context, self)
        self.model: TableModel[HeldLot] = TableModel(
            position_columns(self.clock), lambda held: held.lot.id, context.theme, tip_of
        )
        self.blotter = Blotter(
            self.model,
            "Positions",
            "Nothing is held yet. Entries wait for you under Approvals (Alt+2).",
            _totals,
        )
        self.blotter.add_action(
            "Propose to c&lose", "", self.close_chosen, "Ask for a close of the selected lots"
        )
        self.blotter.add_action(
            "Propose to &roll", "", self.roll_chosen, "Ask for the roll the rules would find"
        )
        self.blotter.chosen.connect(self._link)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.blotter)
        self.put_keyboard_on(self.blotter)

    def show_picture(self, picture: DeskSnapshot) -> None:
        self.clock.now = picture.at
        self.clock.seconds_max = picture.quote_seconds_max
        self.model.show(picture.lots)

    def close_chosen(self) -> None:
        """Ask for a close of the selected lots."""
        self.wishes.close(self.blotter.rows_chosen())

    def roll_chosen(self) -> None:
        """Ask for a roll of the selected lots."""
        self.wishes.roll(self.blotter.rows_chosen())

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)

    def kept(self) -> dict[str, Any]:
        return self.blotter.kept()

    def restore(self, kept: dict[str, Any]) -> None:
        self.blotter.restore(kept)

    def _link(self, chosen: list[HeldLot]) -> None:
        if len(chosen) == 1:
            self.context.links.choose(LinkGroup.BLUE, chosen[0].lot.underlying)


def tip_of(held: HeldLot) -> str:
    """What does not fit into the cells of a lot."""
    lot = held.lot
    said = [
        f"{formatting.instrument(lot.instrument)}, {lot.role.value} of {lot.account}",
        f"Opened {formatting.moment(lot.opened_at)} by {lot.opened_by}",
    ]
    if held.quote is not None:
        made = "modelled" if held.quote.is_modelled else "recorded"
        said.append(f"Quote {made}, of {formatting.moment(held.quote.quoted_at)}")
    if held.greeks_at is not None:
        said.append(f"Greeks as of {formatting.moment(held.greeks_at)}")
    if lot.basis is not None:
        said.append(f"Cost basis {formatting.price(lot.basis)}")
    if held.is_busy:
        said.append("A proposal about it is open")
    return "\n".join(said)


def _totals(rows: Sequence[HeldLot]) -> str:
    return totals_of(rows, lambda held: str(held.lot.account), "lot", _FIGURES)
