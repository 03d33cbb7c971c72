from __future__ import annotations

import traceback

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as ForgetfulKeyring

from allusedesk import credentials
from allusedesk.credentials import (
    SecretNotForgotten,
    forget_secret,
    is_kept_safely,
    keep_secret,
    read_secret,
    where_kept,
)
from tests.keyrings import MemoryKeyring

SECRET = "canary-7391"


class PlainTextKeyring(MemoryKeyring):
    """Stands for every keyring that writes what it holds as it is."""


PlainTextKeyring.__module__ = "keyrings.alt.file"


def in_use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.setattr(credentials, "_held", {})
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)


def test_a_secret_is_kept_and_forgotten(memory_keyring: MemoryKeyring) -> None:
    assert read_secret("alpaca", "key") is None
    assert keep_secret("alpaca", "key", SECRET)
    assert is_kept_safely()
    assert list(memory_keyring.kept) == [("ALL-USE Desk alpaca", "key")]
    assert read_secret("alpaca", "key") == SECRET
    forget_secret("alpaca", "key")
    forget_secret("alpaca", "key")
    assert read_secret("alpaca", "key") is None
    assert memory_keyring.kept == {}


@pytest.mark.parametrize(
    "backend", [NoKeyring(), ForgetfulKeyring(), PlainTextKeyring()], ids=["none", "null", "plain"]
)
def test_what_keeps_nothing_secret_is_refused(
    monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend
) -> None:
    in_use(monkeypatch, backend)
    assert not is_kept_safely()
    assert "asked for at each start" in where_kept()
    assert not keep_secret("alpaca", "key", SECRET)
    assert read_secret("alpaca", "key") == SECRET
    assert getattr(backend, "kept", {}) == {}
    forget_secret("alpaca", "key")
    assert read_secret("alpaca", "key") is None


def test_of_several_keyrings_the_trusted_one_is_taken(
    monkeypatch: pytest.MonkeyPatch, memory_keyring: MemoryKeyring
) -> None:
    plain = PlainTextKeyring()
    monkeypatch.setattr(ChainerBackend, "backends", [plain, memory_keyring])
    keyring.set_keyring(ChainerBackend())
    assert keep_secret("alpaca", "key", SECRET)
    assert plain.kept == {}
    assert "system's keyring" in where_kept()


@pytest.mark.parametrize("trouble", ["is_locked", "is_full"])
def test_a_keyring_in_trouble_holds_no_secret_up(
    memory_keyring: MemoryKeyring, trouble: str
) -> None:
    setattr(memory_keyring, trouble, True)
    assert not keep_secret("alpaca", "key", SECRET)
    assert read_secret("alpaca", "key") == SECRET


def test_a_keyring_that_takes_a_secret_and_loses_it_is_not_believed(
    memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_keyring, "set_password", lambda *_: None)
    assert not keep_secret("alpaca", "key", SECRET)
    assert read_secret("alpaca", "key") == SECRET


def test_a_secret_that_stays_is_told_without_it(memory_keyring: MemoryKeyring) -> None:
    keep_secret("alpaca", "key", SECRET)
    memory_keyring.is_full = True
    with pytest.raises(SecretNotForgotten, match="keyring's own program") as told:
        forget_secret("alpaca", "key")
    shown = "".join(traceback.format_exception(told.value))
    assert SECRET not in shown
    assert told.value.__cause__ is None
