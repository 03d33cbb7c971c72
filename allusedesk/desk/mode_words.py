"""The mode in words, as the strip, the window's title and every dialog write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allusedesk.domain.inputs import Mode

if TYPE_CHECKING:
    from allusedesk.domain.proposals import Proposal
    from allusedesk.engine.snapshot import DeskSnapshot


def mode_in_words(picture: DeskSnapshot) -> str:
    """The mode; of a live desk also whether it is armed, for which account, and whose money."""
    if picture.mode is not Mode.LIVE:
        return str(picture.mode.value)
    armed = picture.armed
    if armed is None:
        return "LIVE, not armed"
    money = "practice account" if armed.is_paper else "REAL MONEY"
    return f"LIVE, ARMED: {money} {armed.account}"


def needs_arming(picture: DeskSnapshot | None, proposal: Proposal) -> bool:
    """True where a yes would be refused, for a person has not armed the live desk."""
    if picture is None or not proposal.legs:
        return False
    return picture.mode is Mode.LIVE and picture.armed is None
