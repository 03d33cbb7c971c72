from __future__ import annotations

from datetime import date

import pytest

from allusedesk.market.history import Effect, FileRefused
from allusedesk.market.importers.rates import read_rate, read_treasury_curves


def test_a_dot_or_a_blank_is_no_observation_and_no_defect() -> None:
    text = "DATE,DGS1MO\n2020-01-01,.\n2020-01-02,1.53\n2020-01-03,\n2020-01-06,1.54\n"
    series, defects = read_rate("DGS1MO.csv", text.encode())
    assert defects == ()
    assert (series.name, series.values.tolist()) == ("DGS1MO", [1.53, 1.54])
    assert series.last_before(date(2020, 1, 2)) is None
    assert series.last_before(date(2020, 1, 6)) == 1.53
    assert series.last_before(date(2020, 1, 7)) == 1.54


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2020-01-03,nan", "`nan` is no rate"),
        ("2020-01-03,-11", "no rate of interest"),
        ("2020-01-03,101", "no rate of interest"),
        ("2020-01-01,1", "does not come after"),
        ("2020-01-02,2", "does not come after"),
        ("x,1", "not a date"),
        ("2020-01-03,1,2", "not a date"),
    ],
)
def test_a_bad_row_is_refused_alone(row: str, reason: str) -> None:
    series, defects = read_rate("a.csv", f"DATE,DFF\n2020-01-02,1\n{row}\n".encode())
    assert series.values.tolist() == [1.0]
    assert [(defect.row, defect.effect) for defect in defects] == [(3, Effect.ROW_REFUSED)]
    assert reason in defects[0].reason


def test_both_edges_of_what_a_rate_can_be_are_kept() -> None:
    series, defects = read_rate("a.csv", b"DATE,DFF\n2020-01-02,-10\n2020-01-03,100\n")
    assert series.values.tolist() == [-10.0, 100.0]
    assert defects == ()


def test_curves_written_as_decimals_come_out_in_percent() -> None:
    text = "Time Period,1month,30year\n1990-01-02 00:00:00+00:00,,0.08\n1990-01-03,0.07,0.0804\n"
    curves, defects = read_treasury_curves("c.csv", text.encode())
    assert defects == ()
    assert [curve.name for curve in curves] == ["TREASURY 1month", "TREASURY 30year"]
    assert curves[0].values.tolist() == pytest.approx([7.0])
    assert curves[1].values.tolist() == pytest.approx([8.0, 8.04])


@pytest.mark.parametrize("text", ["DATE,DFF,X\n2020-01-02,1,1\n", "DATE,DFF\n2020-01-02,.\n"])
def test_a_file_without_a_rate_is_refused(text: str) -> None:
    with pytest.raises(FileRefused):
        read_rate("a.csv", text.encode())


def test_curves_without_a_tenor_are_refused() -> None:
    with pytest.raises(FileRefused, match="no column for any tenor"):
        read_treasury_curves("a.csv", b"Time Period,x\n2020-01-02,1\n")
