from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from allusedesk.market.archive.discovery import declared_beside, discover
from allusedesk.market.history import Adjustment, FileRefused
from allusedesk.market.importers.layouts import Layout

BARS = "Date,Open,High,Low,Close,Volume\n2020-01-02,10,12,9,11,1000\n"


def test_a_folder_is_searched_for_whatever_is_known(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "a" / "MSFT.csv").write_text(BARS)
    (tmp_path / "AAPL.csv").write_text(BARS)
    (tmp_path / ".hidden" / "KO.csv").write_text(BARS)
    (tmp_path / "notes.csv").write_text("just,words\n1,2\n")
    (tmp_path / "README.md").write_text("# words\n")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04nothing")
    found = discover((tmp_path,))
    assert [file.recognised.symbol for file in found.files] == ["AAPL", "MSFT"]
    assert {file.recognised.layout for file in found.files} == {Layout.DAILY_BARS}
    assert {Path(name).name: reason for name, reason in found.passed_over} == {
        "notes.csv": "no importer knows its layout",
        "bad.zip": "the zip archive is damaged or locked",
    }
    single = discover((tmp_path / "a" / "MSFT.csv",))
    assert [file.recognised.symbol for file in single.files] == ["MSFT"]


def test_a_pipe_in_the_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "AAPL.csv")
    assert discover((tmp_path,)).files == ()


def test_a_path_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="there is no such file or folder"):
        discover((tmp_path / "absent",))


def test_a_declaration_speaks_for_its_folder_and_single_files(tmp_path: Path) -> None:
    (tmp_path / "adjustment.toml").write_text(
        'adjustment = "raw"\nas_of = 2018-01-31\n'
        '[files."1.csv"]\nadjustment = "total"\nsymbol = "XYZ"\n'
    )
    (tmp_path / "1.csv").write_text(BARS)
    folder = declared_beside(tmp_path / "AAPL.csv")
    assert (folder.adjustment, folder.as_of, folder.symbol) == (
        Adjustment.RAW,
        date(2018, 1, 31),
        None,
    )
    assert declared_beside(tmp_path / "1.csv").adjustment is Adjustment.TOTAL
    assert discover((tmp_path,)).files[0].recognised.symbol == "XYZ"


def test_what_the_caller_declares_holds_where_nobody_else_did(tmp_path: Path) -> None:
    (tmp_path / "AAPL.csv").write_text(BARS)
    assert discover((tmp_path,)).files[0].declared.adjustment is None
    declared = discover((tmp_path,), Adjustment.TOTAL).files[0].declared
    assert declared.adjustment is Adjustment.TOTAL
    (tmp_path / "adjustment.toml").write_text("as_of = 2018-01-31\n")
    assert discover((tmp_path,), Adjustment.TOTAL).files[0].declared.as_of == date(2018, 1, 31)
    (tmp_path / "adjustment.toml").write_text('adjustment = "raw"\n')
    declared = discover((tmp_path,), Adjustment.TOTAL).files[0].declared
    assert declared.adjustment is Adjustment.RAW


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('adjustment = "none"', "`none` is none of raw, splits, total"),
        ("adjustment = 3", "none of raw, splits, total"),
        ("adjustment = ", "it is not TOML"),
        ('as_of = "soon"', "is not a date"),
        ("as_of = 2018-01-31T10:00:00", "is not a date"),
        ("ratio = 2", "`ratio` is no key"),
        ("files = 3", "holds tables"),
        ('[files]\n"AAPL.csv" = 3', "holds tables"),
        ('[files."AAPL.csv"]\nsymbol = "aapl"', "no ticker in capitals"),
    ],
)
def test_a_declaration_that_says_anything_else_is_refused(
    text: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "AAPL.csv").write_text(BARS)
    (tmp_path / "adjustment.toml").write_text(text)
    with pytest.raises(FileRefused, match=reason):
        discover((tmp_path,))
