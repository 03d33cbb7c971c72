from __future__ import annotations

import itertools
import re
from pathlib import Path

from allusedesk.reports.fan_drawing import Fan, draw_fan
from allusedesk.resource_files import resource_path

FAN = Fan(
    title="300,000 USD over 2 years",
    note="520 weeks of a record, 100% modelled. No promise.",
    years=(0.0, 1.0, 2.0),
    totals=((3e5,) * 5, (2e5, 2.5e5, 3.2e5, 4e5, 5e5), (0.0, 2e5, 3.5e5, 5e5, 9e5)),
    original=((0.0, 3e5), (1.0, 503_893.35), (2.0, 837_371.77)),
)


def drawn(tmp_path: Path, form: str) -> bytes:
    file = tmp_path / f"fan.{form}"
    draw_fan(FAN, file, form, resource_path("fonts"))
    return file.read_bytes()


def test_both_forms_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for form, begins in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        first = drawn(tmp_path, form)
        assert first.startswith(begins)
        assert drawn(tmp_path, form) == first


def test_the_ends_of_the_lines_are_named_apart(tmp_path: Path) -> None:
    text = drawn(tmp_path, "svg").decode()
    for words in ("median  $350k", "targets  $837k", "5%  $0", "95%  $900k", "No promise."):
        assert words in text
    labels = re.findall(r'y="([\d.]+)"[^>]*>(?:\s*)(?:median|targets|5%|95%)', text)
    heights = sorted(float(height) for height in labels)
    assert len(heights) == 4
    assert min(high - low for low, high in itertools.pairwise(heights)) >= 8.9
