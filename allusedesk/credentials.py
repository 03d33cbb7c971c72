"""Keys from the system's keyring; never written to a file, never logged, never in a message.

Where the system has no keyring that keeps things secret, keys are held in memory until the
program ends and are asked for again at the next start; `where_kept` says so in a sentence.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_PREFIX = "ALL-USE Desk "
# The keyrings of systems, which keep what they hold encrypted. Whatever else answers (none at
# all, one that forgets, one that writes plain text) is refused.
_TRUSTED = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
_held: dict[tuple[str, str], str] = {}


def read_secret(service: str, name: str) -> str | None:
    """The secret of that name; None where nobody kept it, or the keyring stays locked.

    May wait for a person to unlock the keyring: not to be called on the screen's thread.
    """
    held = _held.get((service, name))
    if held is not None:
        return held
    found = _keyring()
    return None if found is None else _asked_of(found, service, name)


def keep_secret(service: str, name: str, value: str) -> bool:
    """Keep a secret; True where the keyring has it, False where it is held until the end only."""
    found = _keyring()
    if found is not None:
        try:
            found.set_password(_PREFIX + service, name, value)
        except _faults():
            # The keyring stayed locked or went away; its message is nobody's business, for it
            # may hold what was to be kept.
            found = None
    if found is None or _asked_of(found, service, name) != value:
        _held[service, name] = value
        return False
    _held.pop((service, name), None)
    return True


def forget_secret(service: str, name: str) -> None:
    """Forget a secret, in memory and in the keyring; one that was never kept is no fault.

    May wait for a person to unlock the keyring: not to be called on the screen's thread. Raises
    SecretNotForgotten where the keyring stays locked or will not let go of it.
    """
    _held.pop((service, name), None)
    found = _keyring()
    if found is None:
        return
    try:
        if found.get_password(_PREFIX + service, name) is not None:
            found.delete_password(_PREFIX + service, name)
    except _faults() as fault:
        # A keyring that stays locked still has it.
        raise SecretNotForgotten(
            f"The keyring would not forget {name} of {service} ({type(fault).__name__}): "
            "unlock it and try again, or remove it with the keyring's own program."
        ) from None


def is_kept_safely() -> bool:
    """True where the system has a keyring that keeps things secret."""
    return _keyring() is not None


def where_kept() -> str:
    """Where keys go on this machine, as a sentence for screens."""
    if is_kept_safely():
        return "Keys are kept in the system's keyring."
    return (
        "This system offers no keyring, so keys are held in memory only: they are asked for at "
        "each start."
    )


class SecretNotForgotten(Exception):
    """The keyring would not let go of a secret; the text says what to do."""


def _asked_of(keyring: KeyringBackend, service: str, name: str) -> str | None:
    try:
        return keyring.get_password(_PREFIX + service, name)
    except _faults():
        return None


def _faults() -> tuple[type[Exception], ...]:
    """What a keyring may raise; those of Linux let the faults of their own libraries through."""
    from keyring.errors import KeyringError

    theirs = [
        getattr(sys.modules[module], name)
        for module, name in (
            ("secretstorage", "SecretStorageException"),
            ("jeepney", "DBusErrorResponse"),
            ("dbus", "DBusException"),
        )
        if module in sys.modules
    ]
    return (KeyringError, OSError, RuntimeError, *theirs)


def _keyring() -> KeyringBackend | None:
    """The keyring in use where it is one we trust; of several in a row the first such one."""
    # Slow to import, and a desk on paper never needs it.
    import keyring
    from keyring.backends.chainer import ChainerBackend

    try:
        chosen = keyring.get_keyring()
        several = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    except _faults():
        return None
    for one in several:
        if type(one).__module__ in _TRUSTED:
            return one
    return None
