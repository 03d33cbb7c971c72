"""One statement settles whatever was lost, told twice or out of order; `make nightly` tries more.

The figures of quality.md: any permutation, any duplication, as many as 30% of the reports lost.
"""

from __future__ import annotations

from hypothesis import given, settings

from tests.engine.reconciliation_cases import Case, cases, converges


@settings(max_examples=300)
@given(cases())
def test_one_statement_settles_any_permutation_duplication_or_loss(case: Case) -> None:
    converges(case)
