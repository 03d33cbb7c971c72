"""`Settings`: the operator's choices, from one TOML file, each checked when it is read.

Nothing secret is ever among them, and nothing that decides a trade: rules live in rulebooks.
"""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

from allusedesk.domain.toml_text import read_toml, shortened

_HOME = "ALLUSEDESK_HOME"
_FILE = "settings.toml"
_LOOKS = ("system", "dark", "light")
BROKERS = ("simulated", "interactive_brokers", "alpaca")
FEEDS = ("recorded", "interactive_brokers", "alpaca")
# The last port there is.
PORT_MAX = 65_535


class SettingsUnreadable(Exception):
    """A settings file that cannot be read; the text says what is wrong and what happens now."""


@dataclass(frozen=True, slots=True)
class BrokerChoice:
    """The broker a live desk trades at; its secrets are in the keyring, never here.

    `paper` takes the broker's own practice account. An empty `host` and a `port` of 0 are the
    vendor's own; `client_id` tells programs at one gateway apart; `account` is the one to trade
    where a login has several.
    """

    name: str = "simulated"
    paper: bool = True
    host: str = ""
    port: int = 0
    client_id: int = 1
    account: str = ""


@dataclass(frozen=True, slots=True)
class FeedChoice:
    """Where quotes come from; `source` is the vendor's name for one of its several feeds."""

    name: str = "recorded"
    host: str = ""
    port: int = 0
    client_id: int = 2
    source: str = ""


@dataclass(frozen=True, slots=True)
class MailChoice:
    """Alerts by e-mail, over TLS or not at all; the password is in the keyring, never here.

    `is_on` sends; `to` may name several addresses, with commas; `user` signs in where it is not
    empty; `tls_at_once` speaks TLS from the first byte (port 465), else by STARTTLS (port 587);
    `briefs` sends the briefs of morning and evening too.
    """

    is_on: bool = False
    host: str = ""
    port: int = 587
    sender: str = ""
    to: str = ""
    user: str = ""
    tls_at_once: bool = False
    briefs: bool = False


@dataclass(frozen=True, slots=True)
class FiguresChoice:
    """Whether figures are served to a collector on this machine, and at which port."""

    is_served: bool = False
    port: int = 9464


@dataclass(frozen=True, slots=True)
class AdviceChoice:
    """Whether each planned week gets a forecast, and whether desks of recorded time do too."""

    is_on: bool = True
    of_recorded: bool = False


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """Whether a client's pages show what the rules aim at, and who answers for that by name.

    `cuts_statements` is whether the desk cuts each family's statement when a month has ended.
    """

    shows_targets: bool = False
    responsible: str = ""
    cuts_statements: bool = False

    @property
    def targets_by(self) -> str:
        """The person who switched targets on; empty where nobody did."""
        return self.responsible if self.shows_targets else ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the person at this desk chose.

    `look` is system, dark or light; `operator` signs decisions (empty: the system's user);
    `keys` maps a command to its keys where they are not the first ones; `layout` names the
    layout in use; `typed_above` is the number of contracts above which approving needs the
    quantity typed; `lock_minutes` is after how long without key or mouse a desk that has a
    passphrase locks itself, 0 for never; `stands_at_questions` lets recorded time stand still
    while one is open;
    `tour_done` says whether the tour was taken or declined; `broker` and `feed` are what was
    connected to last and found well; `mail` and `figures` are how alerts and figures leave it;
    `advice` is whether weeks are forecast, `client` what a client's pages may show.
    """

    look: str = "system"
    operator: str = ""
    layout: str = ""
    typed_above: int = 10
    lock_minutes: int = 15
    stands_at_questions: bool = True
    tour_done: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    broker: BrokerChoice = field(default_factory=BrokerChoice)
    feed: FeedChoice = field(default_factory=FeedChoice)
    mail: MailChoice = field(default_factory=MailChoice)
    figures: FiguresChoice = field(default_factory=FiguresChoice)
    advice: AdviceChoice = field(default_factory=AdviceChoice)
    client: ClientChoice = field(default_factory=ClientChoice)


_TABLES = (BrokerChoice, FeedChoice, MailChoice, FiguresChoice, AdviceChoice, ClientChoice)


def desk_home() -> Path:
    """The folder of this person's settings, layouts and paper desks.

    The variable ALLUSEDESK_HOME names another one; else it is where the system keeps such things.
    """
    named = os.environ.get(_HOME)
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("allusedesk", appauthor=False)


def read_settings(home: Path) -> Settings:
    """The settings kept in a folder; those of a new desk where there are none.

    A file that cannot be read is set aside under another name, never overwritten; then
    SettingsUnreadable is raised once, and the next call finds a new desk.
    """
    file = home / _FILE
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as fault:
        raise _set_aside(file, str(fault)) from fault
    try:
        return _checked(read_toml(text))
    except (tomllib.TOMLDecodeError, ValueError) as fault:
        raise _set_aside(file, str(fault)) from fault


def write_settings(home: Path, settings: Settings) -> None:
    """Keep settings; other tables and comments a person wrote into the file stay as they are.

    Raises OSError where the folder cannot be written; the old file then still stands.
    """
    import tomlkit

    file = home / _FILE
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (OSError, ValueError, RecursionError, tomlkit.exceptions.TOMLKitError):
        # Damaged since it was read: what a person wrote there stays, under another name.
        set_aside(file)
        document = tomlkit.document()
    for one in fields(Settings):
        value = getattr(settings, one.name)
        if not isinstance(value, _TABLES):
            document[one.name] = value
        elif isinstance(document.get(one.name), dict):
            # What a later desk added to a table stays for it.
            document[one.name].update(asdict(value))
        else:
            document[one.name] = asdict(value)
    write_whole(file, tomlkit.dumps(document))


def write_whole(file: Path, text: str) -> None:
    """Replace a file at once or not at all, readable by its owner alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def set_aside(file: Path) -> Path:
    """Give a damaged file another name, so that nothing of it is lost; returns that name."""
    aside = file.with_name(f"{file.name}.damaged")
    number = 1
    while aside.exists():
        number += 1
        aside = file.with_name(f"{file.name}.damaged-{number}")
    with suppress(OSError):
        file.replace(aside)
    return aside


def _set_aside(file: Path, reason: str) -> SettingsUnreadable:
    aside = set_aside(file)
    where = f"They now lie in {aside.name}" if aside.exists() else "They stay where they are"
    return SettingsUnreadable(
        f"The settings in {file} cannot be read ({shortened(reason)}). {where}, and the desk "
        "starts with those of a new one."
    )


def _checked(table: dict[str, Any]) -> Settings:
    settings = _filled(Settings(), table, "")
    if settings.look not in _LOOKS:
        raise ValueError(f"look is {settings.look!r}, which is none of {', '.join(_LOOKS)}")
    if settings.typed_above < 0:
        raise ValueError(f"typed_above is {settings.typed_above}, where 0 or more is wanted")
    if settings.lock_minutes < 0:
        raise ValueError(f"lock_minutes is {settings.lock_minutes}, where 0 or more is wanted")
    if not all(isinstance(keys, str) for keys in settings.keys.values()):
        raise ValueError("keys must hold texts such as Ctrl+K")
    for where, choice, names in (
        ("broker", settings.broker, BROKERS),
        ("feed", settings.feed, FEEDS),
    ):
        if choice.name not in names:
            raise ValueError(f"{where}.name is {choice.name!r}, none of {', '.join(names)}")
        if not 0 <= choice.port <= PORT_MAX:
            raise ValueError(f"{where}.port is {choice.port}, where 0 to {PORT_MAX} is wanted")
    _check_telling(settings.mail, settings.figures)
    if settings.client.shows_targets and not settings.client.responsible.strip():
        raise ValueError("client.shows_targets needs client.responsible, the name of a person")
    return settings


def _check_telling(mail: MailChoice, figures: FiguresChoice) -> None:
    for where, port in (("mail", mail.port), ("figures", figures.port)):
        if not 0 < port <= PORT_MAX:
            raise ValueError(f"{where}.port is {port}, where 1 to {PORT_MAX} is wanted")
    if not (mail.host + mail.sender + mail.to + mail.user).isprintable():
        raise ValueError("mail holds a character that no address has, such as an end of line")
    if mail.is_on and not (mail.host and mail.sender and mail.to):
        raise ValueError("mail.is_on needs mail.host, mail.sender and mail.to")


_Table = TypeVar("_Table", bound="DataclassInstance")


def _filled(defaults: _Table, table: dict[str, Any], where: str) -> _Table:
    """The defaults with what a table says in their place; a table within it is filled alike."""
    found = defaults
    for one in fields(defaults):
        if one.name not in table:
            continue
        value, default = table[one.name], getattr(defaults, one.name)
        if isinstance(default, _TABLES) and isinstance(value, dict):
            value = _filled(default, value, f"{where}{one.name}.")
        elif type(value) is not type(default):
            wanted = type(default).__name__
            raise ValueError(f"{where}{one.name} is {value!r}, where {wanted} is wanted")
        found = replace(found, **{one.name: value})
    return found
