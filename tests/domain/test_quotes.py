from __future__ import annotations

from dataclasses import fields

import pytest

from allusedesk.domain.quotes import Greeks
from tests.trading import STOCK, quote


@pytest.mark.parametrize(("delta", "quoted"), [(-0.29, 29.0), (0.0307, 3.07), (0.45, 45.0)])
def test_a_delta_on_its_limit_is_quoted_as_exactly_that(delta: float, quoted: float) -> None:
    others = {field.name: 0.0 for field in fields(Greeks)}
    assert Greeks(**{**others, "delta": delta}).delta_quoted == quoted


def test_a_locked_quote_stands_and_a_crossed_one_is_refused() -> None:
    assert quote(STOCK, "10.01", "10.01").mid is not None
    with pytest.raises(ValueError, match=r"^AAPL: the bid 10\.02 is above the ask 10\.01\.$"):
        quote(STOCK, "10.02", "10.01")
