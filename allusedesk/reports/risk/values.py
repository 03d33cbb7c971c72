"""What the risk report is made of, and how measured floats become figures on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.money import Money
from allusedesk.engine.what_if.book import BookRisk
from allusedesk.engine.what_if.legs import LegGreeks
from allusedesk.engine.what_if.risk import RiskPicture
from allusedesk.journal.evidence import Evidence
from allusedesk.portfolio.valuation import AccountValue
from allusedesk.reports.kinds import ReportPeriod
from allusedesk.reports.statement import Number, Percent, Qualifier
from allusedesk.risk.backtesting_of_var import VarDay


@dataclass(frozen=True, slots=True)
class AccountRisk:
    """One sleeve: what it is worth and holds, with the greeks of all its lots together.

    `delta_value` is dollars of the underlyings held by delta.
    """

    value: AccountValue
    lots: int
    greeks: LegGreeks
    delta_value: float


@dataclass(frozen=True, slots=True)
class RiskEvidence:
    """All that the report says: the book at a close, and its record up to there.

    `told_left_alone` and `told_as_traded` are the days for which a loss was told at the close
    before, from the journal's first on. `without_greeks` names lots whose quote carried none.
    `prices_from` says what the losses were measured on; `scenario_fault` why a person's own
    scenarios were left out, if they were.
    """

    period: ReportPeriod
    as_of: date
    at: datetime
    mode: str
    rulebook: str
    sequence_head: int
    chain_head: str
    book: BookRisk
    picture: RiskPicture
    accounts: tuple[AccountRisk, ...]
    told_left_alone: tuple[VarDay, ...]
    told_as_traded: tuple[VarDay, ...]
    without_greeks: tuple[str, ...]
    prices_from: str
    scenario_fault: str
    seen: Evidence

    @property
    def computed_as(self) -> Qualifier:
        """What every figure from a pricing model is: modelled as soon as a quote was."""
        return Qualifier.MODELLED if self.picture.is_modelled else Qualifier.ESTIMATE

    @property
    def marked_as(self) -> Qualifier:
        """What every value at a mark is."""
        return Qualifier.MODELLED if self.picture.is_modelled else Qualifier.MEASURED


def dollars(amount: float) -> Money:
    """A computed amount, to the cent; never a negative zero."""
    return Money(_decimal(amount, 2))


def number(value: float, decimals: int = 2) -> Number:
    """A computed figure with so many decimals."""
    return Number(_decimal(value, decimals), decimals)


def percent(fraction: float) -> Percent:
    """A computed fraction, to a hundredth of a per cent."""
    return Percent(_decimal(fraction, 4))


def _decimal(value: float, decimals: int) -> Decimal:
    rounded = Decimal(str(round(value, decimals)))
    return rounded or Decimal(0)
