"""A period of the desk beside shares held in equal weights, from price files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from allusedesk.portfolio.brinson import Brinson, brinson, groups_of
from allusedesk.reports.attribution_report import AttributionReport
from allusedesk.wiring.price_tables import price_table
from allusedesk.wiring.requests import RequestRefused

# Enough days before the period for the close it begins with, whatever the holidays.
_DAYS_BEFORE = 10


def against_shares(
    report: AttributionReport, paths: Sequence[Path], symbols: Sequence[str]
) -> Brinson:
    """The desk against equal weights of the symbols, bought at the close before the period.

    Money that came in counts from the beginning. Raises RequestRefused where prices are missing.
    """
    found = report.attribution
    base = found.equity_start + found.moved
    if base.amount <= 0:
        raise RequestRefused(
            f"The period begins with {base}, and a return needs capital: choose a later first day."
        )
    table = price_table(
        paths, symbols, found.first - timedelta(days=_DAYS_BEFORE), found.last
    ).returns
    rows = [place for place, day in enumerate(table.days) if day >= found.first]
    inside = table.values[rows]
    if not np.isfinite(inside).any(axis=0).all():
        raise RequestRefused(
            f"Not all of {', '.join(symbols)} have prices from {found.first} to {found.last}: "
            "leave out those without, or name more files."
        )
    grown = np.prod(1.0 + np.nan_to_num(inside), axis=0) - 1.0
    weights = dict.fromkeys(symbols, 1.0 / len(symbols))
    returns = dict(zip(symbols, grown.tolist(), strict=True))
    return brinson(groups_of(report.lots, report.sleeves, base, weights, returns), base)
