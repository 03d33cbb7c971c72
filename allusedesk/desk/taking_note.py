"""A person has seen an alert: said once, for the lines above the panels and for Health."""

from __future__ import annotations

from collections.abc import Iterable

from allusedesk.desk.context import DeskContext
from allusedesk.domain.alerts import StandingAlert
from allusedesk.domain.inputs import AlertAcknowledged


def acknowledge(context: DeskContext, standing: Iterable[StandingAlert]) -> None:
    """Record that the person at the desk has seen these; those noted already are let pass."""
    for one in standing:
        if not one.acknowledged_by:
            try:
                context.bridge.admit(AlertAcknowledged(one.alert.id, context.operator))
            except RuntimeError as fault:
                context.notices.warn(str(fault))
                return
