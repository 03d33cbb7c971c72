"""Desk requests as they are typed behind `allusedesk desk`."""

from __future__ import annotations

from collections.abc import Sequence

from allusedesk.cli.main import command_line
from allusedesk.cli.open_desk import desk_request
from allusedesk.wiring.requests import DeskRequest


def request_of(typed: Sequence[str]) -> DeskRequest:
    """The desk these options ask for."""
    return desk_request(command_line().parse_args(["desk", *typed]))
