"""The passphrase that opens the desk's lock: only a slow hash of it is kept, never itself.

The hash is argon2id with 64 MiB, three passes and one lane (RFC 9106 recommends these for
machines with little memory), some 100 ms a try on a desk's computer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from allusedesk.domain.toml_text import read_toml, shortened
from allusedesk.settings import write_whole

LETTERS_MIN = 8
_FILE = "passphrase.toml"
_TRIES_FREE = 3
_WAIT_SECONDS_MAX = 300.0
_MEMORY_KIB = 64 * 1024
_PASSES = 3
_LANES = 1
# Stands for a hash that cannot be read: nothing is its passphrase.
_NOBODYS = "?"


class PassphraseRefused(Exception):
    """A passphrase that cannot be set; the text says why and what to do."""


class Passphrase:
    """Whether a typed passphrase is the one that was set.

    `seconds` is a clock that only goes forward. Each wrong one after the third doubles the wait
    until the next is looked at, up to five minutes.
    """

    def __init__(self, home: Path, seconds: Callable[[], float]) -> None:
        self.file = home / _FILE
        self.trouble = ""
        self._seconds = seconds
        self._wrong = 0
        self._wait_until = float("-inf")
        self._hash = self._read()

    @property
    def is_set(self) -> bool:
        """True where there is a lock at all."""
        return bool(self._hash)

    @property
    def seconds_to_wait(self) -> float:
        """How long no passphrase is looked at, because of wrong ones before; 0 for not at all."""
        return max(0.0, self._wait_until - self._seconds())

    def verify(self, typed: str) -> bool:
        """True for the passphrase; False for another, while waiting, and where none was set."""
        if not self._hash or self.seconds_to_wait:
            return False
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            PasswordHasher().verify(self._hash, typed)
        except (VerificationError, InvalidHashError):
            self._wrong += 1
            doublings = self._wrong - _TRIES_FREE
            if doublings >= 0:
                wait = min(_WAIT_SECONDS_MAX, 2.0**doublings)
                self._wait_until = self._seconds() + wait
            return False
        self._wrong = 0
        return True

    def change(self, new: str, old: str = "") -> None:
        """Set another passphrase, or remove it by an empty one; at once or not at all.

        Raises PassphraseRefused where the old one is wrong, the new one is short or cannot be
        kept.
        """
        if self.is_set and not self.verify(old):
            raise PassphraseRefused(
                "The present passphrase is another one, so nothing was changed: type it again."
            )
        if new and len(new) < LETTERS_MIN:
            raise PassphraseRefused(
                f"A passphrase has at least {LETTERS_MIN} letters: choose a longer one."
            )
        hashed = self._hashed(new) if new else ""
        try:
            if hashed:
                write_whole(self.file, f'version = 1\nargon2 = "{hashed}"\n')
            else:
                self.file.unlink(missing_ok=True)
        except OSError as fault:
            raise PassphraseRefused(
                f"{self.file} cannot be written ({fault.strerror or fault}), so the passphrase "
                "stays as it was: make room or check the folder's rights."
            ) from fault
        self._hash = hashed

    def _hashed(self, new: str) -> str:
        from argon2 import PasswordHasher

        hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        return hasher.hash(new)

    def _read(self) -> str:
        """The hash that was kept; a file that holds none lets nobody in, for it may hide one."""
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as fault:
            return self._unreadable(fault)
        from argon2 import extract_parameters
        from argon2.exceptions import InvalidHashError

        try:
            kept = _hash_in(text)
            extract_parameters(kept)
        except (ValueError, InvalidHashError) as fault:
            return self._unreadable(fault)
        return kept

    def _unreadable(self, fault: Exception) -> str:
        reason = shortened(str(fault))
        self.trouble = (
            f"The passphrase in {self.file} cannot be read ({reason}), so nothing opens the lock: "
            "close the desk, put the file back from a backup or move it away, and start again."
        )
        return _NOBODYS


def _hash_in(text: str) -> str:
    table = read_toml(text)
    kept = table.get("argon2")
    if table.get("version") != 1 or not isinstance(kept, str):
        raise ValueError("it is of another desk")
    return kept
