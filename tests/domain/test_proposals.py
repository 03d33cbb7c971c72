from __future__ import annotations

import pytest

from allusedesk.domain.proposals import NamedAmount
from tests.trading import dollars, proposal


def test_an_amount_is_found_by_its_name_or_missed_aloud() -> None:
    wanted = proposal(
        amounts=(NamedAmount("tax", dollars(30)), NamedAmount("contracts", dollars(45)))
    )
    assert wanted.amount("contracts") == dollars(45)
    # A figure that is not there is no zero: nobody may move money by it.
    with pytest.raises(KeyError, match="leaps"):
        wanted.amount("leaps")
