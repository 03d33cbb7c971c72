from __future__ import annotations

import stat
from pathlib import Path

import pytest

from allusedesk.passphrase import Passphrase, PassphraseRefused

RIGHT, WRONG = "correct horse battery", "correct horse bakery"


class Seconds:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_nothing_is_a_passphrase_until_one_was_set(tmp_path: Path, seconds: Seconds) -> None:
    lock = Passphrase(tmp_path, seconds)
    assert not lock.is_set
    assert not lock.verify("")
    assert not lock.verify(RIGHT)


def test_what_was_set_opens_and_nothing_else(tmp_path: Path, seconds: Seconds) -> None:
    Passphrase(tmp_path, seconds).change(RIGHT)
    lock = Passphrase(tmp_path, seconds)
    assert lock.is_set
    assert lock.verify(RIGHT)
    assert not lock.verify(WRONG)
    assert not lock.verify("")
    kept = lock.file.read_text()
    assert "$argon2id$" in kept
    assert "m=65536,t=3,p=1" in kept
    assert RIGHT not in kept
    assert stat.S_IMODE(lock.file.stat().st_mode) == 0o600


def test_each_wrong_one_after_the_third_doubles_the_wait(tmp_path: Path, seconds: Seconds) -> None:
    lock = Passphrase(tmp_path, seconds)
    lock.change(RIGHT)
    waits = []
    for _ in range(13):
        assert not lock.verify(WRONG)
        waits.append(lock.seconds_to_wait)
        # While it waits, not even the right one is looked at.
        assert not waits[-1] or not lock.verify(RIGHT)
        seconds.now += waits[-1]
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert lock.verify(RIGHT)
    assert not lock.verify(WRONG)
    assert lock.seconds_to_wait == 0


def test_only_who_knows_the_old_one_sets_another(tmp_path: Path, seconds: Seconds) -> None:
    lock = Passphrase(tmp_path, seconds)
    with pytest.raises(PassphraseRefused, match="at least 8 letters"):
        lock.change("short")
    lock.change(RIGHT)
    with pytest.raises(PassphraseRefused, match="is another one"):
        lock.change("another passphrase", WRONG)
    assert lock.verify(RIGHT)
    lock.change("another passphrase", RIGHT)
    assert lock.verify("another passphrase")
    lock.change("", "another passphrase")
    assert not lock.is_set
    assert not lock.file.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"version = 2\nargon2 = 'x'\n",
        b"",
        b"version = 1\nargon2 = 'plain'\n",
        b"\xff\xfe",
        b"argon2 = 3",
        b"version = 1\nargon2 =",
    ],
)
def test_a_file_that_cannot_be_read_lets_nobody_in(
    tmp_path: Path, seconds: Seconds, content: bytes
) -> None:
    (tmp_path / "passphrase.toml").write_bytes(content)
    lock = Passphrase(tmp_path, seconds)
    assert lock.is_set
    assert "cannot be read" in lock.trouble
    for typed in ("", RIGHT, "?", "x"):
        assert not lock.verify(typed)
    with pytest.raises(PassphraseRefused):
        lock.change(RIGHT, "?")
    assert lock.file.read_bytes() == content


def test_a_folder_that_takes_nothing_leaves_the_old_one(tmp_path: Path, seconds: Seconds) -> None:
    lock = Passphrase(tmp_path / "home" / "deeper", seconds)
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(PassphraseRefused, match="cannot be written"):
        lock.change(RIGHT)
    assert not lock.is_set
