"""What the desk notices about its own health, and whether a person has taken note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Severity(Enum):
    """How much an alert matters; a critical one asks for a person at once."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule whose condition holds: `value` is what was measured, `limit` what it was held to.

    `subject` is what it concerns where a rule looks at several things, such as a sleeve's limit;
    `text` is the sentence a person reads.
    """

    rule: str
    subject: str
    severity: Severity
    value: float
    limit: float
    text: str

    @property
    def id(self) -> str:
        """One alert stands for a rule and a subject at a time."""
        return f"{self.rule}/{self.subject}" if self.subject else self.rule


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An alert whose condition still holds; `acknowledged_by` is empty until somebody took note."""

    alert: Alert
    raised_at: datetime
    acknowledged_by: str = ""
