"""Each row of a table has a name of its own, even where two have one key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allusedesk.desk.row_keys import Again, RowNames


def test_rows_that_come_later_are_told_from_those_before() -> None:
    names = RowNames()
    assert names.of(["a", "b", "a"]) == ["a", "b", Again("a", 2)]
    assert names.of(["c"]) == ["c"]
    assert names.of(["b", "a"]) == [Again("b", 2), Again("a", 3)]


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=5))
def test_no_name_is_given_twice_and_a_key_alone_is_its_own_name(parts: list[list[int]]) -> None:
    names = RowNames()
    given = [name for part in parts for name in names.of(part)]
    assert len(set(given)) == len(given) == sum(map(len, parts))
    keys = [key for part in parts for key in part]
    for name, key in zip(given, keys, strict=True):
        assert name == key or (isinstance(name, Again) and name.key == key)
    assert set(keys) <= set(given)
