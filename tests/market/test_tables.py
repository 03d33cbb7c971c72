from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.market.history import FileRefused
from allusedesk.market.importers.tables import (
    LINE_LENGTH_MAX,
    columns_of,
    day_of,
    number_of,
    table_of,
)


def test_rows_carry_the_line_they_stand_on() -> None:
    table = table_of("a.csv", b'\xef\xbb\xbfDate,Category\r\n\r\n2020-01-02,"tech, retail"\r\n')
    assert table.header == ("Date", "Category")
    assert table.rows == ((3, ["2020-01-02", "tech, retail"]),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"Date,Close\n", "a header and no rows"),
        ("Date,Café\n1,2\n".encode("latin-1"), "row 1: it is not UTF-8 text"),
        ("Date,Close\n1,2\n".encode("utf-16"), "not UTF-8 text"),
        (b"Date,Close\n1,\x002\n", "row 2: it holds a zero byte"),
        (b"Date,Close\n" + b"9" * 10_000_000 + b"\n", "row 2: the line has 10,000,000 characters"),
        (b'Date,Close\n"1,2\n3,4\n', "quotation marks or line ends are broken"),
    ],
)
def test_text_that_is_no_table_is_refused_whole(text: bytes, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        table_of("a.csv", text)
    with pytest.raises(FileRefused, match=r"^a.csv.*Nothing was taken from this file\.$"):
        table_of("a.csv", text)


def test_the_longest_line_allowed_is_read() -> None:
    line = b"x" * LINE_LENGTH_MAX
    assert table_of("a.csv", b"h\n" + line + b"\n").rows[0][1] == [line.decode()]
    with pytest.raises(FileRefused):
        table_of("a.csv", b"h\nx" + line + b"\n")


def test_two_columns_of_one_meaning_are_refused() -> None:
    table = table_of("a.csv", b"Close,close\n1,2\n")
    with pytest.raises(FileRefused, match="two columns could be the close"):
        columns_of(table, {"close": ("close",)})


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2013-01-31", date(2013, 1, 31)),
        (" 2013-01-31 05:00:00+00:00", date(2013, 1, 31)),
        ("2013-01-31T05:00:00", date(2013, 1, 31)),
        ("20130131 00:00", date(2013, 1, 31)),
        ("1/31/2013", date(2013, 1, 31)),
        ("31/1/2013", None),
        ("2013-02-30", None),
        ("2013-01-31x", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("", None),
        ("today", None),
        ("/", None),
    ],
)
def test_a_day_is_read_or_nothing_is(cell: str, day: date | None) -> None:
    assert day_of(cell) == day


@pytest.mark.parametrize("cell", ["", ".", "nan", "inf", "-Infinity", "1_000", "1,5", "one"])
def test_what_is_no_finite_number_is_none(cell: str) -> None:
    assert number_of(cell) is None


@given(st.text(max_size=30))
def test_no_cell_makes_a_reading_fail(cell: str) -> None:
    day_of(cell)
    number_of(cell)
