from __future__ import annotations

from dataclasses import fields
from dataclasses import replace as standard

import pytest

from allusedesk.domain.changing import replace
from allusedesk.engine.state import DeskState
from tests.trading import NOON, lot, order, put, sell


def test_a_changed_copy_is_the_one_the_standard_library_makes() -> None:
    written, held = order(sell(put())), lot(put(), -1)
    assert replace(written, version=2) == standard(written, version=2)
    assert replace(held, quantity_signed=-3) == standard(held, quantity_signed=-3)
    state = DeskState()
    assert replace(state, sequence=7, now=NOON) == standard(state, sequence=7, now=NOON)
    assert all(
        getattr(replace(state), field.name) is getattr(state, field.name) for field in fields(state)
    )


def test_a_copy_is_checked_as_any_new_value_is() -> None:
    with pytest.raises(ValueError, match="above zero"):
        replace(put(), multiplier=0)


def test_a_field_that_does_not_exist_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        replace(DeskState(), colour="green")  # type: ignore[call-arg]
