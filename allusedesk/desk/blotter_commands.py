"""Commands on positions, orders, the week and accounts: each with keys and in the palette."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from allusedesk.desk.commands import DeskCommand
from allusedesk.desk.docks.dock import Dock
from allusedesk.domain.inputs import Instruction

_TRADE, _ACCOUNTS = "&Trade", "&Accounts"


def blotter_commands(dock: Callable[[str], Dock]) -> tuple[DeskCommand, ...]:
    """All of them; `dock` gives a panel of the window by its id, built if need be.

    Each acts on what is selected in its panel, and says so where nothing is.
    """
    on = partial(_on, dock)
    return (*_trading(on), *_accounts(on))


def _on(dock: Callable[[str], Dock], panel: str, act: str, *arguments: object) -> None:
    getattr(dock(panel), act)(*arguments)


def _trading(on: Callable[..., None]) -> tuple[DeskCommand, ...]:
    return (
        DeskCommand(
            "positions.close",
            "Propose to close the selected positions",
            _TRADE,
            partial(on, "positions", "close_chosen"),
            "Ctrl+Shift+C",
            "It is judged like any proposal and waits under Approvals",
        ),
        DeskCommand(
            "positions.roll",
            "Propose to roll the selected positions",
            _TRADE,
            partial(on, "positions", "roll_chosen"),
            "Ctrl+Shift+R",
            "The rulebook's own search finds the roll, or says why there is none",
        ),
        DeskCommand(
            "orders.cancel",
            "Cancel the selected orders…",
            _TRADE,
            partial(on, "orders", "cancel_chosen"),
            "Ctrl+Shift+X",
        ),
        DeskCommand(
            "orders.cancel_all",
            "Cancel all orders…",
            _TRADE,
            partial(on, "orders", "cancel_every"),
            "Ctrl+Shift+A",
        ),
        DeskCommand(
            "week.classify",
            "Decide the market condition again",
            _TRADE,
            partial(on, "week", "decide_again"),
            "Ctrl+Shift+M",
            "The market is looked at now, and the week's entries obey what it says",
        ),
        DeskCommand(
            "week.brief",
            "Read the brief",
            "&View",
            partial(on, "week", "read_brief"),
            tip="What needs you, what changed, what was done and what is next, with the entries",
        ),
    )


def _accounts(on: Callable[..., None]) -> tuple[DeskCommand, ...]:
    instructions = tuple(
        DeskCommand(
            f"accounts.{instruction.value}",
            title,
            _ACCOUNTS,
            partial(on, "accounts", "instruct", instruction),
        )
        for instruction, title in (
            (Instruction.PAUSE, "Pause the chosen sleeve…"),
            (Instruction.CONTINUE, "Continue the chosen sleeve…"),
            (Instruction.RESET, "Reset the chosen sleeve after a stop…"),
        )
    )
    return (
        DeskCommand("accounts.fork", "Propose a fork", _ACCOUNTS, partial(on, "accounts", "fork")),
        DeskCommand(
            "accounts.merge", "Propose a merge", _ACCOUNTS, partial(on, "accounts", "merge")
        ),
        DeskCommand(
            "accounts.deposit",
            "Deposit…",
            _ACCOUNTS,
            partial(on, "accounts", "deposit"),
            "Ctrl+Shift+D",
        ),
        DeskCommand(
            "accounts.withdraw",
            "Withdraw…",
            _ACCOUNTS,
            partial(on, "accounts", "withdraw"),
            "Ctrl+Shift+W",
        ),
        *instructions,
    )
