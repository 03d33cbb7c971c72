"""Rulebooks, policies, settings, declarations, layouts and states, spoilt and made up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.approvals.policy import PolicyRefused, parse_policy
from allusedesk.desk.layouts import Layout, LayoutFolder, LayoutRefused
from allusedesk.domain.events import EVENT_KINDS
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import StateUnreadable, read_state, write_state
from allusedesk.journal.codec import decode, encode, version_of
from allusedesk.journal.faults import EntryUnreadable
from allusedesk.market.archive.discovery import declared_beside
from allusedesk.market.history import FileRefused
from allusedesk.passphrase import Passphrase
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook
from allusedesk.resource_files import resource_path
from allusedesk.settings import Settings, SettingsUnreadable, read_settings, write_settings
from tests.hostile.spoiling import EXAMPLES, fuzzed, in_time, is_plain, spoilt_bytes
from tests.journal.events_at_random import values

DEEP = 200_000
VALUES = (
    "1", "-1", "0", "nan", "inf", "-inf", "1e400", "1e-400", "1e999999999", "9" * 30, "9" * 5000,
    "0.1", "true", '""', '"x"', '"<b>"', "[]", "[1]", "[[1]]", "{}", "{a = 1}", "2020-01-01",
    "9999-12-31T23:59:59Z", "0xffffffffffffffffffff", "1_0", '"\\u0000"', "[" * 50 + "]" * 50,
    '"[0, 1)"', '"(-inf, inf)"', '"[9, 1]"', '"[1.2.3, 4]"', '"' + "9" * 5000 + '"', '"1e9999999"',
)  # fmt: skip
BOMBS = (
    "a = " + "[" * DEEP,
    "a = " + "{b=" * DEEP,
    ".".join("a" * 5000) + " = 1",
    "[" + ".".join("a" * 5000) + "]",
    "a = " + "9" * 100_000,
    'a = "' + "x" * 10_000_000 + '"',
    "\n".join(f"k{number} = {number}" for number in range(5_000)),
    "\0",
    "",
)


@st.composite
def spoilt_toml(draw: st.DrawFn, text: str) -> str:
    """A TOML text with values exchanged, lines doubled, moved or lost, or its bytes spoilt."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(("value", "value", "key", "twice", "away", "moved"))):
            case "value" if "=" in lines[row]:
                key = lines[row].partition("=")[0]
                lines[row] = f"{key}= {draw(st.sampled_from(VALUES))}"
            case "key" if "=" in lines[row]:
                lines[row] = f"{draw(st.text(max_size=5))} ={lines[row].partition('=')[2]}"
            case "twice":
                lines.insert(row, lines[row])
            case "away" if len(lines) > 1:
                del lines[row]
            case _:
                lines.append(lines.pop(row))
    spoilt = "\n".join(lines)
    if draw(st.integers(0, 3)) == 0:
        raw = draw(spoilt_bytes(spoilt.encode("utf-8", errors="surrogatepass")))
        spoilt = raw.decode("utf-8", errors="replace")
    return spoilt


CLASSIC = resource_path("rulebooks", "classic.toml").read_text(encoding="utf-8")
CONSTITUTION = resource_path("rulebooks", "constitution.toml").read_text(encoding="utf-8")
POLICY = """default = "wait"
reason = "for a person"

[[rule]]
answer = "approve"
kinds = ["entry"]
accounts = ["gen"]
symbols = ["AAPL"]
worst_case_max = 25000
quantity_max = 5
most_earnable_min = 10.5
reason = "small enough"
"""
DECLARATION = """adjustment = "raw"
as_of = 2018-01-31

[files."SPY.csv"]
adjustment = "splits"
symbol = "SPY"
"""


def rulebook(text: str) -> None:
    with in_time():
        try:
            parse_rulebook(text)
        except RulebookRefused as refusal:
            assert is_plain(str(refusal)), refusal


def policy(text: str) -> None:
    with in_time():
        try:
            parse_policy(text)
        except PolicyRefused as refusal:
            assert is_plain(str(refusal)), refusal


def settings_in(home: Path, content: bytes) -> None:
    """Read, or set aside whole with a sentence; what follows is a desk with new settings."""
    file = home / "settings.toml"
    home.mkdir(exist_ok=True)
    file.write_bytes(content)
    with in_time():
        try:
            kept = read_settings(home)
        except SettingsUnreadable as refusal:
            assert is_plain(str(refusal)), refusal
            asides = [one for one in home.iterdir() if one.name.startswith("settings.toml.damaged")]
            assert content in [one.read_bytes() for one in asides]
            for one in asides:
                one.unlink()
            assert read_settings(home) == Settings()
        else:
            write_settings(home, kept)
            assert read_settings(home) == kept


@fuzzed
@given(text=st.sampled_from((CLASSIC, CONSTITUTION)).flatmap(spoilt_toml))
def test_a_spoilt_rulebook_is_refused_or_whole(text: str) -> None:
    rulebook(text)


@fuzzed
@given(text=spoilt_toml(POLICY))
def test_a_spoilt_policy_is_refused_or_whole(text: str) -> None:
    policy(text)


@fuzzed
@given(data=st.data())
def test_spoilt_settings_are_set_aside_or_whole(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.getbasetemp() / "fuzzed-settings"
    shutil.rmtree(home, ignore_errors=True)
    write_settings(home, Settings(operator="Ada", keys={"palette": "Ctrl+P"}))
    text = (home / "settings.toml").read_text(encoding="utf-8")
    spoilt = data.draw(spoilt_toml(text)).encode("utf-8", errors="surrogatepass")
    settings_in(home, data.draw(st.one_of(st.just(spoilt), spoilt_bytes(text.encode()))))


@fuzzed
@given(text=spoilt_toml(DECLARATION))
def test_a_spoilt_declaration_is_refused_or_whole(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "declared"
    folder.mkdir(exist_ok=True)
    (folder / "adjustment.toml").write_text(text, encoding="utf-8", errors="surrogatepass")
    with in_time():
        try:
            declared_beside(folder / "SPY.csv")
        except FileRefused as refusal:
            assert is_plain(str(refusal))


@pytest.mark.parametrize("bomb", range(len(BOMBS)))
def test_a_text_that_nests_or_swells_is_refused_everywhere(bomb: int, tmp_path: Path) -> None:
    text = BOMBS[bomb]
    rulebook(text)
    policy(text)
    settings_in(tmp_path / "home", text.encode())
    (tmp_path / "adjustment.toml").write_text(text)
    # An empty declaration declares nothing.
    if text:
        with pytest.raises(FileRefused):
            declared_beside(tmp_path / "SPY.csv")
    (tmp_path / "passphrase.toml").write_text(text)
    lock = Passphrase(tmp_path, lambda: 0.0)
    assert lock.is_set
    assert is_plain(lock.trouble)
    assert not lock.verify("")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", ["worst_case_max", "quantity_max", "most_earnable_min"])
def test_every_hostile_value_in_a_policy(key: str, value: str) -> None:
    policy(f'default = "wait"\n[[rule]]\nanswer = "approve"\n{key} = {value}\n')


def test_every_hostile_value_in_every_key_of_a_rulebook() -> None:
    lines = CLASSIC.splitlines()
    keyed = [row for row, line in enumerate(lines) if "=" in line and not line.startswith("#")]
    for number, row in enumerate(keyed if EXAMPLES >= 1_000 else keyed[::4]):
        # Each value meets many of the keys; in long runs each key meets all of the values.
        step = len(VALUES) if EXAMPLES < 1_000 else 1
        for value in VALUES[number % step :: step]:
            spoilt = [*lines]
            spoilt[row] = f"{lines[row].partition('=')[0]}= {value}"
            rulebook("\n".join(spoilt))


LAYOUT = json.dumps(
    {
        "name": "mine",
        "geometry": "00ff",
        "state": "00ff",
        "visible": ["orders"],
        "panels": {"orders": {"columns": ["a"], "sort": 1}},
        "version": 1,
    },
    indent=1,
)
HOSTILE_JSON = (
    "[" * DEEP, '{"a":' * DEEP, "NaN", "null", "[]", '"x"', "1", "{}", "9" * 100_000,
    '{"version": 1e400}', '{"version": 99}', '{"version": true}', "\0", "",
    LAYOUT.replace("00ff", "0"), LAYOUT.replace("00ff", "zz"), LAYOUT.replace('"orders"', "[1]"),
    LAYOUT.replace('["orders"]', "5"), LAYOUT.replace('{"columns"', '[{"columns"'),
)  # fmt: skip


def layout(folder: Path, content: bytes) -> None:
    """Read, set aside whole, or left alone: never half, never lost."""
    folder.mkdir(exist_ok=True)
    file = folder / "mine.json"
    file.write_bytes(content)
    with in_time():
        try:
            found = LayoutFolder(folder).read("mine")
        except LayoutRefused as refusal:
            assert is_plain(str(refusal)), refusal
            assert content in [one.read_bytes() for one in folder.iterdir()]
            for one in folder.iterdir():
                one.unlink()
            return
    assert isinstance(found, Layout)
    assert all(isinstance(kept, dict) for kept in found.panels.values())


@pytest.mark.parametrize("text", HOSTILE_JSON, ids=range(len(HOSTILE_JSON)))
def test_a_hostile_layout_is_set_aside(text: str, tmp_path: Path) -> None:
    layout(tmp_path / "layouts", text.encode())


@fuzzed
@given(content=spoilt_bytes(LAYOUT.encode()))
def test_a_spoilt_layout_is_set_aside_or_whole(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    layout(tmp_path_factory.getbasetemp() / "fuzzed-layouts", content)


JSON_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6),
        st.sampled_from(["1e999999999", "nan", "-0", "2020-02-30", "9999-12-31T23:59:60Z"]),
    ),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def spoilt_json(draw: st.DrawFn, text: str) -> str:
    """A JSON text with one of its values exchanged, or its bytes spoilt."""
    if draw(st.booleans()):
        return draw(spoilt_bytes(text.encode())).decode("utf-8", errors="replace")
    whole = json.loads(text)
    place, key = whole, None
    for _ in range(draw(st.integers(0, 6))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        chosen = draw(st.sampled_from(keys))
        if key is not None and not isinstance(place[chosen], dict | list):
            place[chosen] = draw(JSON_VALUES)
            break
        if isinstance(place[chosen], dict | list):
            place, key = place[chosen], chosen
        else:
            place[chosen] = draw(JSON_VALUES)
            break
    return json.dumps(whole)


@fuzzed
@given(data=st.data(), kind=st.sampled_from(EVENT_KINDS))
def test_a_spoilt_entry_is_refused_or_an_event(data: st.DataObject, kind: type) -> None:
    name, version, body = encode(data.draw(values(kind)))
    spoilt = data.draw(spoilt_json(body))
    with in_time():
        try:
            event = decode(name, version, spoilt)
        except EntryUnreadable as refusal:
            assert "Traceback" not in str(refusal)
            return
    # What is read can be written: nothing odd gets further into the desk.
    assert decode(*encode(event)) == event


@pytest.mark.parametrize("text", HOSTILE_JSON, ids=range(len(HOSTILE_JSON)))
def test_a_hostile_entry_is_refused(text: str) -> None:
    for kind in EVENT_KINDS:
        with pytest.raises(EntryUnreadable):
            decode(kind.__name__, version_of(kind.__name__), text)


@fuzzed
@given(data=st.data())
def test_a_spoilt_state_is_refused_or_a_state(data: st.DataObject) -> None:
    spoilt = data.draw(spoilt_json(STATE))
    with in_time():
        try:
            assert isinstance(read_state(spoilt), DeskState)
        except StateUnreadable as refusal:
            assert is_plain(str(refusal).replace("\n", " "))


@pytest.mark.parametrize("text", HOSTILE_JSON, ids=range(len(HOSTILE_JSON)))
def test_a_hostile_state_is_refused(text: str) -> None:
    with pytest.raises(StateUnreadable):
        read_state(text)


STATE = write_state(DeskState(rulebook_text=CLASSIC))
