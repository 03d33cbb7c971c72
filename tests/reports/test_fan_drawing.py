from __future__ import annotations

import itertools
import re
from decimal import Decimal
from pathlib import Path

from allusedesk.reports.paper.fan_drawing import draw_fan
from allusedesk.reports.statement import ProjectionFan, Qualifier, Series
from allusedesk.resource_files import resource_path
from tests.reports.drawn import usd


def modelled(name: str, *amounts: str) -> Series:
    return Series(name, tuple(usd(amount) for amount in amounts), Qualifier.MODELLED)


FAN = ProjectionFan(
    title="300,000 USD over 2 years",
    years=(Decimal(0), Decimal(1), Decimal(2)),
    bands=(
        modelled("5%", "300000", "200000", "0"),
        modelled("25%", "300000", "250000", "200000"),
        modelled("median", "300000", "320000", "350000"),
        modelled("75%", "300000", "400000", "500000"),
        modelled("95%", "300000", "500000", "900000"),
    ),
    lines=(
        Series(
            "targets",
            (usd("300000"), usd("503893.35"), usd("837371.77")),
            Qualifier.TARGET,
        ),
    ),
    note="520 weeks of a record, 100% modelled. No promise.",
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
