from __future__ import annotations

import json
from pathlib import Path

from allusedesk.reports.json_export import as_json, write_json
from tests.reports.drawn import statement, weekly
from tests.reports.sample_week import ODD, Shape


def refuse_float(text: str) -> float:
    raise AssertionError(f"{text} is a floating point number")


def test_no_figure_is_a_floating_point_number(tmp_path: Path) -> None:
    text = as_json(weekly(tmp_path, Shape()))
    json.loads(text, parse_float=refuse_float)


def test_cells_carry_kind_exact_value_and_print(tmp_path: Path) -> None:
    tree = json.loads(as_json(weekly(tmp_path, Shape())))
    sections = {section["title"]: section["blocks"] for section in tree["sections"]}
    orders = next(one for one in sections["Trades"] if one.get("table") == "Orders that traded")
    cells = {
        column["title"]: cell
        for column, cell in zip(orders["columns"], orders["rows"][0], strict=True)
    }
    assert cells["Cash"] == {"kind": "money USD", "value": "628.70", "shown": "+628.70"}
    assert cells["Can earn"] == {"kind": "fraction", "value": "0.00685", "shown": "0.68%"}
    assert cells["Why"]["value"] == ODD


def test_the_file_is_what_the_text_says(tmp_path: Path) -> None:
    file = tmp_path / "week.json"
    write_json(statement(), file)
    assert file.read_text(encoding="utf-8") == as_json(statement())
