"""The chain model held against real recorded chains."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from allusedesk.laboratory.study.plan import PremiumSpan
from allusedesk.wiring.laboratory.premiums import compare_premiums
from allusedesk.wiring.requests import RequestRefused

pytestmark = pytest.mark.long


def test_recorded_chains_are_compared_day_by_day(shared_data: Path) -> None:
    span = PremiumSpan("SPX", ("SPX",), date(2019, 4, 22), date(2019, 5, 3))
    found = compare_premiums(shared_data, span)
    days = (date(2019, 4, 25), date(2019, 4, 29), date(2019, 5, 2))
    assert [set(rows.taken_on.tolist()) for rows in found] == [{one.toordinal()} for one in days]
    for rows in found:
        assert len(rows.ratios) > 2_000
        # At the money and a month out the model's level is within three points of the market's.
        near = rows.chosen((rows.deltas > 0.4) & (rows.days > 20) & (rows.days < 40))
        assert abs(float(np.median(near.points))) < 0.03


def test_symbols_without_prices_are_refused(shared_data: Path) -> None:
    span = PremiumSpan("TSLA", ("TSLA",), date(2019, 4, 22), date(2019, 5, 3))
    with pytest.raises(RequestRefused, match="TSLA"):
        compare_premiums(shared_data, span)
