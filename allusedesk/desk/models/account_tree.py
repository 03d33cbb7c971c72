"""The families as a tree: each with its sleeves, and below them the families forked from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush

from allusedesk.desk import formatting
from allusedesk.desk.formatting import NOTHING_TO_SHOW
from allusedesk.desk.theme import Theme, Tone
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.money import NOTHING, Money

if TYPE_CHECKING:
    from allusedesk.engine.snapshot_sleeves import FamilyPicture, SleevePicture

Index = QModelIndex | QPersistentModelIndex

_KINDS = tuple(AccountKind)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(slots=True, eq=False)
class AccountNode:
    """One row: a family with all its sleeves, or one sleeve; `parent` is None for what is root."""

    key: str
    parent: AccountNode | None
    row: int
    sleeves: tuple[SleevePicture, ...]
    family: FamilyPicture | None = None
    children: list[AccountNode] = field(default_factory=list)

    @property
    def sleeve(self) -> SleevePicture | None:
        """The sleeve it stands for; None for a family."""
        return self.sleeves[0] if self.family is None else None

    def total(self, figure: Callable[[SleevePicture], Money]) -> Money:
        """A figure of its sleeves, added up."""
        whole = NOTHING
        for sleeve in self.sleeves:
            whole = whole + figure(sleeve)
        return whole


@dataclass(frozen=True, slots=True)
class TreeColumn:
    """One column of the tree: what it says of a node, in which tone, and what it means."""

    title: str
    text: Callable[[AccountNode], str]
    is_number: bool = True
    tone: Callable[[AccountNode], Tone] | None = None
    tip: str = ""


class AccountTreeModel(QAbstractItemModel):
    """Families and sleeves. While none comes or goes, only what changed is painted again."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.roots: list[AccountNode] = []
        self._nodes: dict[str, AccountNode] = {}
        self._shape: tuple[Any, ...] = ()
        self.wear(theme)

    def wear(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._brushes = {tone: QBrush(theme.colour(tone)) for tone in Tone}

    def show(self, families: Sequence[FamilyPicture], sleeves: Sequence[SleevePicture]) -> bool:
        """Show these; True where the tree was built anew, so that a view has to open it again."""
        shape = (
            tuple((one.id, one.parent) for one in families),
            tuple(one.account.id for one in sleeves),
        )
        if shape != self._shape:
            self.beginResetModel()
            self._build(families, sleeves)
            self._shape = shape
            self.endResetModel()
            return True
        by_sleeve = {str(one.account.id): (one,) for one in sleeves}
        by_family = _by_family(sleeves)
        for family in families:
            node = self._nodes[family.id]
            self._change(node, by_family.get(family.id, ()), family)
            for child in node.children:
                if child.family is None:
                    self._change(child, by_sleeve[child.key], None)
        return False

    def node(self, index: Index) -> AccountNode | None:
        """The node of an index; None for what is above the roots."""
        found = index.internalPointer() if index.isValid() else None
        return found if isinstance(found, AccountNode) else None

    # What Qt asks.

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        siblings = self._children(parent)
        if not 0 <= row < len(siblings) or not 0 <= column < len(COLUMNS):
            return QModelIndex()
        return self.createIndex(row, column, siblings[row])

    def parent(self, index: Index = QModelIndex()) -> Any:
        node = self.node(index)
        if node is None or node.parent is None:
            return QModelIndex()
        return self.createIndex(node.parent.row, 0, node.parent)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.column() > 0 else len(self._children(parent))

    def columnCount(self, _parent: Index = QModelIndex()) -> int:
        return len(COLUMNS)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        node = self.node(index)
        if node is None:
            return None
        column = COLUMNS[index.column()]
        if role in (int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.AccessibleTextRole)):
            return column.text(node)
        if role == int(Qt.ItemDataRole.TextAlignmentRole):
            return _RIGHT if column.is_number else _LEFT
        if role == int(Qt.ItemDataRole.ForegroundRole) and column.tone is not None:
            return self._brushes[column.tone(node)]
        if role == int(Qt.ItemDataRole.ToolTipRole):
            return formatting.tip(tip_of(node))
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == int(Qt.ItemDataRole.DisplayRole):
            return column.title
        if role == int(Qt.ItemDataRole.ToolTipRole):
            return column.tip or column.title
        if role == int(Qt.ItemDataRole.TextAlignmentRole):
            return _RIGHT if column.is_number else _LEFT
        return None

    # How it is done.

    def _children(self, parent: Index) -> list[AccountNode]:
        node = self.node(parent)
        return self.roots if node is None else node.children

    def _build(self, families: Sequence[FamilyPicture], sleeves: Sequence[SleevePicture]) -> None:
        self.roots, self._nodes = [], {}
        by_family = _by_family(sleeves)
        for family in families:
            above = self._nodes.get(family.parent) if family.parent is not None else None
            siblings = self.roots if above is None else above.children
            own = by_family.get(family.id, ())
            node = AccountNode(family.id, above, len(siblings), own, family)
            siblings.append(node)
            self._nodes[family.id] = node
            for row, sleeve in enumerate(own):
                node.children.append(AccountNode(str(sleeve.account.id), node, row, (sleeve,)))

    def _change(
        self,
        node: AccountNode,
        sleeves: tuple[SleevePicture, ...],
        family: FamilyPicture | None,
    ) -> None:
        if node.sleeves == sleeves and node.family == family:
            return
        node.sleeves, node.family = sleeves, family
        last = len(COLUMNS) - 1
        self.dataChanged.emit(
            self.createIndex(node.row, 0, node), self.createIndex(node.row, last, node)
        )


def _by_family(sleeves: Sequence[SleevePicture]) -> dict[str, tuple[SleevePicture, ...]]:
    found: dict[str, tuple[SleevePicture, ...]] = {}
    for sleeve in sorted(sleeves, key=lambda one: _KINDS.index(one.account.kind)):
        name = str(sleeve.account.family)
        found[name] = (*found.get(name, ()), sleeve)
    return found


def tip_of(node: AccountNode) -> str:
    """What does not fit into the cells of a node."""
    sleeve = node.sleeve
    if sleeve is None:
        family = node.family
        said = [] if family is None else [f"{family.id}, opened {formatting.day(family.opened_on)}"]
        if family is not None and family.parent is not None:
            said.append(f"Forked from {family.parent}{', a mini' if family.is_mini else ''}")
        if family is not None and family.merging_into is not None:
            said.append(f"Comes home to {family.merging_into}: it closes what it holds first")
        return "\n".join(said)
    said = [f"{sleeve.account.id}: {', '.join(sleeve.symbols) or 'no symbols'}"]
    said += [f"Nothing is entered: {reason}" for reason in sleeve.freezes]
    if sleeve.is_calls_only:
        said.append("Covered calls only, until its drawdown has recovered")
    if sleeve.size_needed:
        said.append(f"Too small to trade: it takes {sleeve.size_needed} dollars")
    if sleeve.tax_reserve:
        said.append(f"Set aside for tax: {formatting.money(sleeve.tax_reserve)}")
    return "\n".join(said)


def stops_in_words(node: AccountNode) -> str:
    """What keeps a sleeve from entering, or that nothing does."""
    sleeve = node.sleeve
    if sleeve is None:
        family = node.family
        return "coming home" if family is not None and family.merging_into is not None else ""
    said = list(sleeve.freezes)
    if sleeve.is_calls_only:
        said.append("calls only")
    if sleeve.size_needed:
        said.append(f"too small: needs {sleeve.size_needed}")
    return "; ".join(said) or "none"


def _to_fork(node: AccountNode) -> Money | None:
    """Dollars until the sleeve forks, or until a fork comes home; None where neither is ruled."""
    sleeve, family = node.sleeve, node.family
    if sleeve is not None:
        return None if sleeve.fork_at is None else sleeve.fork_at - sleeve.surplus
    if family is None or family.merge_at is None:
        return None
    return family.merge_at - family.equity


def _to_fork_share(node: AccountNode) -> Decimal | None:
    left, worth = _to_fork(node), node.total(lambda one: one.equity)
    return None if left is None or not worth else left.share_of(worth)


def _fork_words(node: AccountNode) -> str:
    left = _to_fork(node)
    if left is None:
        return NOTHING_TO_SHOW
    return "due" if left.amount <= 0 else formatting.whole_money(left)


def _drawdown(node: AccountNode) -> Decimal:
    return max((sleeve.drawdown for sleeve in node.sleeves), default=Decimal(0))


def _named(node: AccountNode) -> str:
    if node.sleeve is not None:
        return f"{node.sleeve.account.kind.label}  {node.key}"
    return f"Family {node.key}"


def _state(node: AccountNode) -> str:
    return node.sleeve.state.value if node.sleeve is not None else ""


def _state_tone(node: AccountNode) -> Tone:
    stopped = _state(node) in ("EMERGENCY", "AUDIT")
    return Tone.ALARM if stopped else Tone.PLAIN


def _profit_tone(node: AccountNode) -> Tone:
    amount = node.total(lambda one: one.unrealised).amount
    if not amount:
        return Tone.PLAIN
    return Tone.GAIN if amount > 0 else Tone.LOSS


def _money(title: str, figure: Callable[[SleevePicture], Money], tip: str = "") -> TreeColumn:
    return TreeColumn(title, lambda node: formatting.whole_money(node.total(figure)), tip=tip)


COLUMNS: tuple[TreeColumn, ...] = (
    TreeColumn("Account", _named, is_number=False),
    TreeColumn("State", _state, is_number=False, tone=_state_tone),
    _money("Balance $", lambda one: one.equity, "Cash and positions at their marks"),
    _money("Base $", lambda one: one.base, "What its surplus is measured from"),
    _money("Surplus $", lambda one: one.surplus, "Above base, once tax is set aside"),
    TreeColumn(
        "To fork $",
        _fork_words,
        tip="What is missing until a sleeve forks, or a fork comes home",
    ),
    TreeColumn(
        "To fork",
        lambda node: formatting.percent(_to_fork_share(node)),
        tip="The same as a share of its balance",
    ),
    TreeColumn(
        "Unrealised $",
        lambda node: formatting.number(
            node.total(lambda one: one.unrealised).amount, 0, signed=True
        ),
        tone=_profit_tone,
    ),
    _money("Settled $", lambda one: one.cash_settled, "Cash that may be used today"),
    _money("Held $", lambda one: one.collateral, "Cash that secures short puts"),
    _money("Free $", lambda one: one.cash_free, "Settled, and spoken for by nothing"),
    _money("Buffer $", lambda one: one.buffer, "Cash the rulebook keeps out of new positions"),
    TreeColumn(
        "Drawdown",
        lambda node: formatting.percent(_drawdown(node)),
        tip="Below its high; of a family the deepest of its sleeves",
    ),
    TreeColumn(
        "Stops",
        stops_in_words,
        is_number=False,
        tone=lambda node: Tone.CAUTION if stops_in_words(node) not in ("", "none") else Tone.MUTED,
        tip="What keeps it from entering anything new",
    ),
)
