from __future__ import annotations

import subprocess
import sys
from statistics import NormalDist

import numpy as np
import pytest

from allusedesk.market.normal import normal_cumulative, normal_quantile
from tests.house.sources import ROOT

VALUES = np.array([-6.0, -1.96, -0.5, 0.0, 0.5, 1.96, 6.0])


def test_probabilities_are_those_of_the_standard_library() -> None:
    expected = [NormalDist().cdf(value) for value in VALUES.tolist()]
    assert normal_cumulative(VALUES) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_a_quantile_leads_back_to_its_value() -> None:
    assert normal_quantile(normal_cumulative(VALUES)) == pytest.approx(VALUES, rel=1e-6)


@pytest.mark.parametrize("library", ["scipy", "pandas", "QuantLib", "sqlite_utils", "sklearn"])
def test_the_engine_is_imported_without_what_it_may_never_need(library: str) -> None:
    probe = f"import sys, allusedesk.wiring.rehearsal; sys.exit({library!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=False).returncode == 0
