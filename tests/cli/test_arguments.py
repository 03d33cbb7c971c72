from __future__ import annotations

import json
from argparse import ArgumentTypeError
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.cli import arguments
from allusedesk.cli.main import main
from allusedesk.domain.trust import POLICY

NUMBERS = st.one_of(
    st.decimals(places=8, min_value=-(10**11), max_value=10**11).map(lambda value: f"{value:f}"),
    st.sampled_from(["0", "0.00000001", "99999999999", "1e10", "1e-8", "nan", "-inf", "", "x"]),
)


@settings(max_examples=25)
@given(NUMBERS, NUMBERS, NUMBERS)
def test_no_number_ends_in_a_traceback(one: str, two: str, three: str) -> None:
    for words in (
        ["level", "--entry", one, "--spot", two, "--atr", three],
        ["outcome", "--right", "put", "--strike", one, "--price", two],
        ["roll", "--credit", one, "--cost", two],
        ["fork", "--account", "gen", "--base", one, "--balance", two],
        ["reinvest", "--account", "com", "--gain", one, "--month", "6"],
        ["condition", "--trend", "up", "--vix", one, "--vix-average", two, "--support", "mixed"],
        ["breaker", "--drawdown", one, "--vix", two, "--account", "rev"],
        [
            *("order", "--quantity", "7", "--average-volume", one, "--open-interest", "600"),
            *("--volume", one, "--bid", two, "--ask", three, "--quote-age", "1"),
        ],
    ):
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["explain", *words, "--json"])
        assert code in (0, 2)
        if code:
            assert (out.getvalue(), len(err.getvalue().splitlines())) == ("", 1)
        else:
            assert json.loads(out.getvalue())["verdict"]


@given(st.text(max_size=12))
def test_what_is_read_as_a_number_is_that_number(text: str) -> None:
    try:
        value = arguments.number(text)
    except ArgumentTypeError:
        return
    assert value == Decimal(text)
    assert value.is_finite()


@pytest.mark.parametrize("text", ["1_000", "\u0661", " 1", "1 ", "0x1", "1e", "--1", "1.2.3"])
def test_only_plain_digits_are_numbers(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        arguments.number(text)


def test_times_are_new_york_times() -> None:
    winter = arguments.new_york_instant("2026-02-12T10:00")
    summer = arguments.new_york_instant("2026-07-09 10:00")
    assert winter.utcoffset() == timedelta(hours=-5)
    assert summer.utcoffset() == timedelta(hours=-4)


def test_a_person_has_a_name() -> None:
    assert arguments.person("  Zoë  van Dyk ") == "Zoë van Dyk"
    for nobody in ("", "  ", "\x07", "a\x00", f"{POLICY}all"):
        with pytest.raises(ArgumentTypeError, match="names nobody"):
            arguments.person(nobody)
