"""A keyring in memory, spoken to through the real keyring library."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError


class MemoryKeyring(KeyringBackend):
    """What a system's keyring does, in a dictionary; `is_locked` makes it refuse everything."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.is_full = False

    def get_password(self, service: str, username: str) -> str | None:
        self._refuse_if_locked()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._refuse_if_locked()
        if self.is_full:
            raise PasswordSetError(f"no room for {password}")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._refuse_if_locked()
        if self.is_full:
            raise PasswordDeleteError("it stays")
        del self.kept[service, username]

    def _refuse_if_locked(self) -> None:
        if self.is_locked:
            raise KeyringLocked("nobody unlocked it")
