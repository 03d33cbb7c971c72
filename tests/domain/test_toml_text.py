from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from allusedesk.domain.toml_text import exact_number, is_bounded, read_toml, shortened


def test_a_text_gives_its_tables() -> None:
    text = 'name = "x"\nflag = true\nlist = [1, 2]\n[table]\nrate = 0.25\n'
    assert read_toml(text, exact_number) == {
        "name": "x",
        "flag": True,
        "list": [1, 2],
        "table": {"rate": Decimal("0.25")},
    }
    assert read_toml("rate = 0.25") == {"rate": 0.25}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a =", "Invalid value"),
        ("a = 1e999999999", "a number that cannot be read"),
        ("a = 1e-41", "a number that cannot be read"),
        ("a = " + "9" * 5_000, "a number that cannot be read"),
        ("a = [{b = 9999999999999999999}]", "a number that cannot be read"),
        ("a = " + "[" * 100_000, "without end"),
        ("#" * 1_000_001, "far longer"),
    ],
)
def test_what_no_file_of_ours_holds_is_refused(text: str, reason: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=reason):
        read_toml(text, exact_number)


def test_what_has_no_bounds_of_its_own_is_let_pass() -> None:
    assert is_bounded(Decimal("NaN"))
    assert is_bounded(Decimal("Infinity"))
    assert not is_bounded(Decimal("1" * 41))


def test_a_long_text_is_cut_to_a_line() -> None:
    assert shortened("a\n b\tc") == "a b c"
    assert shortened("x" * 400) == "x" * 300 + "…"
