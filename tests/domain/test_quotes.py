from __future__ import annotations

from dataclasses import fields

import pytest

from allusedesk.domain.quotes import Greeks


@pytest.mark.parametrize(("delta", "quoted"), [(-0.29, 29.0), (0.0307, 3.07), (0.45, 45.0)])
def test_a_delta_on_its_limit_is_quoted_as_exactly_that(delta: float, quoted: float) -> None:
    others = {field.name: 0.0 for field in fields(Greeks)}
    assert Greeks(**{**others, "delta": delta}).delta_quoted == quoted
