"""Strategies for a screen: every one listed, its rules in words, switches that fit."""

from __future__ import annotations

import pytest

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.wiring.requests import RequestRefused
from allusedesk.wiring.strategies import strategies_known, strategy_of
from allusedesk.wiring.strategy_look import rules_in_words, strategies_listed, switch_of

GEN, COM = AccountId("F1.gen"), AccountId("F1.com")


def test_what_is_on_without_a_file_is_listed_beside_the_catalogue() -> None:
    text = strategy_of("wheel").text.replace('name = "wheel"', 'name = "mine"', 1)
    on = StrategySwitched(GEN, "mine@1.0", text, is_on=True, operator="Ann")
    listed = strategies_listed((on,))
    names = [one.id for one in listed.lines]
    assert names == sorted(
        [*(one.definition.id for one in strategies_known().strategies), on.strategy]
    )
    mine = listed.lines[names.index("mine@1.0")]
    assert (mine.text, mine.is_protocol, mine.symbols) == (text, False, ())
    assert mine.is_made_for(GEN)
    assert listed.faults == ()


def test_what_is_on_is_told_by_its_text_on_record() -> None:
    text = strategy_of("wheel").text.replace("days = { low = 18", "days = { low = 19")
    on = StrategySwitched(GEN, "wheel@1.0", text, is_on=True, operator="Ann")
    lines = {one.id: one for one in strategies_listed((on,)).lines}
    assert lines["wheel@1.0"].text == text
    assert "19 to 38 days" in lines["wheel@1.0"].rules


def test_every_rule_of_a_strategy_is_told_in_words() -> None:
    told = {
        one.definition.name: rules_in_words(one.definition) for one in strategies_known().strategies
    }
    assert told["collar"].startswith("Looks at ")
    assert "stands for the rulebook in the tier gen" in told["protocol-gen"]
    assert "Sell a call (short call), 18 to 38 days to expiry, delta 6 to 40." in told["wheel"]
    assert "struck at what the shares cost or above" in told["wheel"]
    assert "Size: 100 % of what it is written on each time" in told["wheel"]
    assert (
        "Opens on Tue, Wed, VIX 13 to 35, credit at least 12 % of the distance at risk, "
        in (told["iron-condor"])
    )
    assert "2 % to 4 % of the spot beyond the leg before" in told["iron-condor"]
    assert "or at a loss of 150 % of it, or 21 days before its first expiry." in told["iron-condor"]
    assert "Ends by no rule of its own." in told["buy-and-hold"]
    for text in told.values():
        assert "Versions: 1.0: first version." in text or "stands for the rulebook" in text
        assert "None" not in text
        assert "E+" not in text


def test_a_switch_names_the_whole_text_and_refuses_a_sleeve_it_is_not_made_for() -> None:
    lines = {one.id: one for one in strategies_listed(()).lines}
    line = lines["protocol-gen@1.0"]
    on = switch_of(line, GEN, "Ann", "why not", is_on=True)
    assert on == StrategySwitched(GEN, line.id, line.text, True, "Ann", "why not")
    with pytest.raises(RequestRefused, match=r"made for gen, not for 'F1\.com'"):
        switch_of(line, COM, "Ann", "", is_on=True)
    assert not switch_of(line, COM, "Ann", "", is_on=False).is_on
