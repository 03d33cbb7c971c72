"""What ships for measuring risk can be read, and a real desk is opened under a profile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from allusedesk.domain.inputs import Mode
from allusedesk.protocol.rulebook_conduct import RegimeKind
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.resource_files import resource_path
from allusedesk.risk.scenarios import ScenariosRefused
from allusedesk.wiring.choices import conduct_of
from allusedesk.wiring.live_desk import _rules_asked
from allusedesk.wiring.requests import RehearsalRequest, RequestRefused
from allusedesk.wiring.risk_texts import edges_shipped, scenarios_of, scenarios_shipped
from allusedesk.wiring.sample_desk import sample_request


def test_scenarios_and_edges_ship() -> None:
    assert len(scenarios_shipped()) >= 7
    assert all(one.soft < one.hard for one in edges_shipped())
    with pytest.raises(RequestRefused, match="cannot be read"):
        scenarios_of(Path("nowhere.toml"))


def test_a_persons_own_may_not_take_the_name_of_a_day_of_history(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[[scenario]]\nid = "2022"\nmove = -0.1\n', encoding="utf-8")
    with pytest.raises(ScenariosRefused, match="'2022' is the id of a day of history"):
        scenarios_of(file)
    file.write_bytes(b"\xff\xfe\x80")
    with pytest.raises(RequestRefused, match="holds no text"):
        scenarios_of(file)


def test_every_profile_is_dated_and_names_its_regimes() -> None:
    names = sorted(path.stem for path in resource_path("conduct").glob("*.toml"))
    assert names == ["cash", "intraday-margin", "legacy-pdt", "unknown"]
    for name in names:
        conduct = conduct_of(name)
        assert conduct.profile == name
        assert conduct.effective_from == date(2026, 6, 4)
        assert all(regime.source for regime in conduct.regimes)
    kinds = {one.kind for one in conduct_of("unknown").regimes}
    assert kinds == set(RegimeKind)


def test_a_desk_with_a_real_broker_keeps_both_regimes_until_told_which(tmp_path: Path) -> None:
    request: RehearsalRequest = sample_request(tmp_path, last=date(2012, 1, 10), speed=None).desk
    profiles = [
        getattr(parse_rulebook(_rules_asked(one)).conduct, "profile", None)
        for one in (
            request,
            replace(request, mode=Mode.LIVE),
            replace(request, mode=Mode.LIVE, rulebook="classic+cash"),
        )
    ]
    assert profiles == [None, "unknown", "cash"]
