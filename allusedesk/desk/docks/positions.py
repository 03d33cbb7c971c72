"""Positions: every lot with its mark, its profit and its level."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout

from allusedesk.desk import formatting
from allusedesk.desk.context import DeskContext
from allusedesk.desk.docks.dock import Dock
from allusedesk.desk.table_model import Column, TableModel
from allusedesk.desk.table_view import Blotter
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.money import Money, Price

if TYPE_CHECKING:
    from allusedesk.engine.snapshot import DeskSnapshot
    from allusedesk.engine.snapshot_lots import HeldLot


class PositionsDock(Dock):
    """Every lot held, sleeve by sleeve."""

    def __init__(self, context: DeskContext) -> None:
        super().__init__(context)
        self.model: TableModel[HeldLot] = TableModel(
            COLUMNS, lambda held: held.lot.id, context.theme
        )
        self.blotter = Blotter(
            self.model, "Positions", "Nothing is held yet. Entries wait for you under Approvals."
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.blotter)

    def show_picture(self, picture: DeskSnapshot) -> None:
        self.model.show(picture.lots)

    def wear(self, theme: Theme) -> None:
        self.model.wear(theme)

    def kept(self) -> dict[str, Any]:
        return {"hidden": list(self.blotter.hidden_columns())}

    def restore(self, kept: dict[str, Any]) -> None:
        self.blotter.hide_columns(tuple(kept.get("hidden", ())))


def _sign_tone(amount: Money) -> Tone:
    if not amount:
        return Tone.PLAIN
    return Tone.GAIN if amount.amount > 0 else Tone.LOSS


def _level_tone(held: HeldLot) -> Tone:
    return {"L1": Tone.CAUTION, "L2": Tone.LOSS, "L3": Tone.ALARM}.get(held.level, Tone.PLAIN)


def _mark(held: HeldLot) -> Price | None:
    return held.quote.mark if held.quote is not None else None


def _expiry(held: HeldLot) -> date | None:
    option = held.lot.option
    return option.expiry if option is not None else None


COLUMNS: tuple[Column[HeldLot], ...] = (
    Column("account", "Sleeve", lambda held: str(held.lot.account), is_searched=True),
    Column(
        "instrument",
        "Instrument",
        lambda held: formatting.instrument(held.lot.instrument),
        is_searched=True,
    ),
    Column("role", "Role", lambda held: held.lot.role.value, is_searched=True),
    Column(
        "quantity",
        "Quantity",
        lambda held: held.lot.quantity_signed,
        lambda value: formatting.number(float(value), 0, signed=True),
        is_number=True,
    ),
    Column(
        "price",
        "Opened at",
        lambda held: held.lot.price_average.per_unit,
        lambda value: formatting.price(Price(value)),
        is_number=True,
    ),
    Column(
        "mark",
        "Mark",
        lambda held: None if (mark := _mark(held)) is None else mark.per_unit,
        lambda value: formatting.NOTHING_TO_SHOW if value is None else formatting.number(value, 2),
        is_number=True,
    ),
    Column(
        "value",
        "Value $",
        lambda held: held.value.amount,
        lambda value: formatting.number(value, 2),
        is_number=True,
    ),
    Column(
        "unrealised",
        "Unrealised $",
        lambda held: held.unrealised.amount,
        lambda value: formatting.number(value, 2, signed=True),
        is_number=True,
        tone=lambda held: _sign_tone(held.unrealised),
    ),
    Column(
        "expiry",
        "Expiry",
        _expiry,
        lambda value: formatting.NOTHING_TO_SHOW if value is None else formatting.day(value),
    ),
    Column("level", "Level", lambda held: held.level, tone=_level_tone),
)
