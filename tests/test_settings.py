"""Settings survive, damage is set aside, and nothing a person wrote is overwritten."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from allusedesk.settings import (
    BrokerChoice,
    ClientChoice,
    FeedChoice,
    Settings,
    SettingsUnreadable,
    desk_home,
    read_settings,
    write_settings,
)


def test_settings_read_back_as_they_were_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    chosen = Settings(look="light", operator="Ann", typed_above=3, keys={"palette": "Ctrl+P"})
    broker = BrokerChoice("alpaca", paper=False, account="PA1")
    chosen = replace(chosen, broker=broker, feed=FeedChoice("alpaca", source="opra"))
    write_settings(home, chosen)
    assert read_settings(home) == chosen
    file = home / "settings.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [one.name for one in home.iterdir()] == ["settings.toml"]


def test_a_new_desk_has_the_settings_of_one(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()


def test_what_a_person_wrote_beside_them_stays(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('# my desk\nlook = "dark"\n\n[mine]\nnote = "kept"\n')
    write_settings(tmp_path, Settings(look="light"))
    text = file.read_text()
    assert "# my desk" in text
    assert 'note = "kept"' in text
    assert read_settings(tmp_path).look == "light"


@pytest.mark.parametrize(("is_on", "by"), [(True, "Ann"), (False, "")])
def test_targets_for_clients_are_somebodys_by_name(tmp_path: Path, is_on: bool, by: str) -> None:
    chosen = Settings(client=ClientChoice(shows_targets=is_on, responsible="Ann"))
    write_settings(tmp_path, chosen)
    assert read_settings(tmp_path).client.targets_by == by


@pytest.mark.parametrize(
    "text",
    [
        "look = ",
        'look = "pink"',
        "typed_above = -1",
        'typed_above = "ten"',
        "tour_done = 1",
        "[keys]\npalette = 3",
        '[broker]\nname = "nobody"',
        "[broker]\nport = 70000",
        "[mail]\nis_on = true",
        '[mail]\nsender = "a@example.org\\nBcc: b@example.org"',
        "[mail]\nport = 0",
        "[figures]\nport = 70000",
        '[figures]\nis_served = "yes"',
        '[broker]\npaper = "yes"',
        '[feed]\nname = "simulated"',
        "broker = 1",
        "[client]\nshows_targets = true",
        '[client]\nshows_targets = true\nresponsible = "  "',
        "\x00",
    ],
)
def test_damage_is_set_aside_and_told_once(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(SettingsUnreadable, match=r"settings\.toml\.damaged"):
        read_settings(tmp_path)
    assert (tmp_path / "settings.toml.damaged").read_text() == text
    assert read_settings(tmp_path) == Settings()
    file.write_text(text)
    with pytest.raises(SettingsUnreadable, match="damaged-2"):
        read_settings(tmp_path)


def test_text_in_another_encoding_is_damage(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b'operator = "\xff\xfe"')
    with pytest.raises(SettingsUnreadable):
        read_settings(tmp_path)


def test_the_home_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path))
    assert desk_home() == tmp_path
    monkeypatch.delenv("ALLUSEDESK_HOME")
    assert "allusedesk" in str(desk_home())


def test_a_table_that_says_little_keeps_the_rest_as_it_is_at_first(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[broker]\nname = "alpaca"\n')
    broker = read_settings(tmp_path).broker
    assert broker == BrokerChoice("alpaca")
    assert broker.paper


def test_settings_of_an_earlier_desk_are_kept_and_the_rest_stands_as_at_first(
    tmp_path: Path,
) -> None:
    """As the first desk that had settings wrote them."""
    file = tmp_path / "settings.toml"
    file.write_text(
        'look = "light"\noperator = "Ann"\nlayout = "evening"\ntyped_above = 3\n'
        'stands_at_questions = false\n\n[keys]\npalette = "Ctrl+P"\n'
    )
    read = read_settings(tmp_path)
    assert read == Settings(
        look="light",
        operator="Ann",
        layout="evening",
        typed_above=3,
        stands_at_questions=False,
        keys={"palette": "Ctrl+P"},
    )
    write_settings(tmp_path, read)
    assert read_settings(tmp_path) == read


def test_settings_of_a_later_desk_come_back_to_it_whole(tmp_path: Path) -> None:
    """A desk of before reads what it knows and leaves the rest for the later one."""
    file = tmp_path / "settings.toml"
    file.write_text(
        'look = "dark"\nwallpaper = "blue"\n\n[broker]\nname = "alpaca"\nregion = "east"\n\n'
        "[satellite]\nis_on = true\n"
    )
    read = read_settings(tmp_path)
    assert (read.look, read.broker.name) == ("dark", "alpaca")
    write_settings(tmp_path, replace(read, look="light"))
    text = file.read_text()
    assert 'look = "light"' in text
    assert 'wallpaper = "blue"' in text
    assert 'region = "east"' in text
    assert "[satellite]\nis_on = true" in text
