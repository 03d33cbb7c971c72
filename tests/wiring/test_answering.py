"""Where the model behind answers comes from: as it ships, as it was kept, or learnt anew."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from allusedesk.answers.phrase_book import PhraseBook, PhrasesRefused, read_phrases
from allusedesk.cli.main import main
from allusedesk.resource_files import resource_path
from allusedesk.wiring import answering
from tests.house.sources import ROOT

PHRASES = """
[[intent]]
name = "cash"
ask = "How much cash is free?"
phrases = ["free cash", "cash left", "money on hand"]

[[intent]]
name = "other"
ask = ""
phrases = ["tell me a joke", "what is the weather"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def changed() -> PhraseBook:
    return read_phrases([("own.toml", PHRASES)])


def test_the_model_that_ships_is_used_and_nothing_is_learnt_or_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learnt(_book: PhraseBook) -> None:
        raise AssertionError

    monkeypatch.setattr(answering, "model_of", learnt)
    model = answering._model(answering.phrase_book())
    assert "fork_distance" in model.intents
    assert not home.exists()


def test_changed_phrases_are_learnt_once_and_kept_private(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, times = changed(), []
    monkeypatch.setattr(
        answering, "model_of", lambda one, learn=answering.model_of: times.append(1) or learn(one)
    )
    assert answering._model(book).intents == ("cash", "other")
    assert answering._model(book).intents == ("cash", "other")
    assert len(times) == 1
    kept = home / "answers" / "model.npz"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_bytes(b"spoilt")
    assert answering._model(book).intents == ("cash", "other")
    assert len(times) == 2


def test_a_home_that_cannot_be_written_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("ALLUSEDESK_HOME", str(tmp_path / "file"))
    assert answering._model(changed()).intents == ("cash", "other")


@pytest.mark.parametrize("text", ["[[intent]]", "intent = 3", "not toml", "[[intent]]\nname = 1"])
def test_phrases_that_cannot_be_read_are_refused_by_file(text: str) -> None:
    with pytest.raises(PhrasesRefused, match=r"own\.toml"):
        read_phrases([("own.toml", text)])


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    words = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2012-01-09 --to 2012-01-10 "
        "--rulebook classic --symbols gen=IBM;rev=AAPL;com=MSFT --capital 1000000 --approve all "
        f"--seed 3 --out {tmp_path} --json"
    )
    assert main(words.split()) == 0
    found: list[str] = []

    def ask() -> None:
        answer, _ = answering.Answerer(tmp_path / "rehearsal.journal").answer("balances")
        found.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_every_text_that_ships_names_its_questions_once() -> None:
    names = [one.name for one in answering.phrase_book().intents]
    assert len(names) == len(set(names))
    assert resource_path("answers").joinpath("model.npz").stat().st_size < 1_000_000
