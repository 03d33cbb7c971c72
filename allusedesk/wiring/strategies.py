"""The strategies that ship or are registered, and those that a request switches on."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

from allusedesk.domain.accounts import AccountId, FamilyId, account_id, kind_of
from allusedesk.domain.events import Entry, RequestDenied
from allusedesk.domain.inputs import SymbolList
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step
from allusedesk.journal.store import Journal
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.resource_files import resource_path
from allusedesk.settings import desk_home
from allusedesk.strategy.catalogue import ENTRY_POINTS, Catalogue, Listed, catalogue_of, listed_of
from allusedesk.strategy.definition import Definition
from allusedesk.strategy.definition_text import (
    DefinitionRefused,
    definition_on_record,
)
from allusedesk.wiring.past_desk import state_after
from allusedesk.wiring.requests import RequestRefused, StrategyChoice

_FIRST_FAMILY = FamilyId("F1")
_OWN_FOLDER = "strategies"


def strategies_known() -> Catalogue:
    """The strategies that ship, those in the person's own folder, and those of classes."""
    folder = resource_path("strategies")
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    own, unread = _own_texts()
    texts |= own
    registered = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    faults = []
    writers = []
    for point in registered:
        try:
            writers.append((point.name, point.load()))
        except Exception as fault:  # noqa: BLE001 - code of others is isolated and told of
            faults.append(f"The class {point.value} cannot be loaded ({fault}): reinstall it.")
    known = catalogue_of(texts, writers)
    return Catalogue(known.strategies, (*known.faults, *unread, *faults))


def _own_texts() -> tuple[dict[str, str], list[str]]:
    """The files in the folder `strategies` of the desk's own, and why some cannot be read."""
    texts: dict[str, str] = {}
    faults = []
    for path in sorted((desk_home() / _OWN_FOLDER).glob("*.toml")):
        try:
            texts[str(path)] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as fault:
            faults.append(f"The strategy {path} cannot be read ({fault}): correct or remove it.")
    return texts, faults


def strategy_of(wanted: str) -> Listed:
    """The strategy of a name, of a name and version, or of a TOML file; raises RequestRefused."""
    if wanted.endswith(".toml"):
        try:
            # Some editors begin a file with a mark that is no part of its text.
            text = Path(wanted).read_text(encoding="utf-8-sig")
            return _own(listed_of(text, wanted))
        except (OSError, UnicodeDecodeError) as fault:
            why = "it is no text in UTF-8" if isinstance(fault, ValueError) else fault.strerror
            raise RequestRefused(f"The strategy {wanted} cannot be read: {why}.") from fault
        except DefinitionRefused as refused:
            raise RequestRefused(str(refused)) from refused
    known = strategies_known()
    found = known.find(wanted)
    if found is None:
        names = ", ".join(one.definition.id for one in known.strategies)
        raise RequestRefused(f"There is no strategy {wanted!r}; there are: {names}.")
    return found


def _own(listed: Listed) -> Listed:
    """A strategy of a file; raises RequestRefused where it takes the name of another one."""
    name = listed.definition.id
    known = strategies_known().find(name)
    if known is not None and known.definition != listed.definition:
        raise RequestRefused(
            f"{listed.origin}: there is another {name} already, with other rules "
            f"({known.origin}): give this one a name of its own, or a new version."
        )
    return listed


def strategy_choices(
    wanted: Sequence[str], symbols: Sequence[SymbolList], rules: Rulebook
) -> tuple[StrategyChoice, ...]:
    """What `NAME@VERSION=ACCOUNT` asks for; without an account the first tier it is made for.

    An account is a tier such as `rev`, or a sleeve such as `F1.rev`. Raises RequestRefused.
    """
    return tuple(_choice(each, symbols, rules) for each in wanted)


def _choice(wanted: str, symbols: Sequence[SymbolList], rules: Rulebook) -> StrategyChoice:
    name, _, where = wanted.partition("=")
    listed = strategy_of(name)
    account = account_of(listed.definition, where)
    own = _symbols(listed, account, symbols, rules)
    return StrategyChoice(listed.definition.id, listed.text, account, own)


def account_of(definition: Definition, where: str) -> AccountId:
    """The sleeve that a tier such as `rev`, or its own name, means; raises RequestRefused.

    Nothing means the first tier the definition is made for, in the first family.
    """
    tiers = {kind.value: kind for kind in definition.tiers}
    family, _, tier = (where or definition.tiers[0].value).rpartition(".")
    if tier not in tiers:
        raise RequestRefused(
            f"{definition.id} is made for {', '.join(tiers)}, not for {where!r}: "
            f"write {definition.id}={next(iter(tiers))}."
        )
    return account_id(FamilyId(family) if family else _FIRST_FAMILY, tiers[tier])


def _symbols(
    listed: Listed, account: AccountId, symbols: Sequence[SymbolList], rules: Rulebook
) -> tuple[str, ...]:
    kind = kind_of(account)
    own = next((one.symbols for one in symbols if one.kind is kind), rules.account(kind).symbols)
    return listed.definition.symbols or own


def switch_on_record(journal: Path, switched: StrategySwitched) -> str:
    """Record a switch in the journal of a desk that does not run; why it was denied, or nothing.

    It is an entry like any other, at the instant of the last one, with all that follows from it;
    the desk finds it there when it starts again. Raises JournalFault for a journal that cannot
    be written, which is so while its desk runs; RequestRefused for other rules under a version
    that the record holds already.
    """
    with Journal.open(journal) as record:
        state = state_after(record)
        _refuse_other_text(state, switched)
        entry = Entry(state.sequence + 1, state.instant, None, switched)
        following = step(state, entry).entries
        record.append([entry, *following])
    denied = [one.event.reason for one in following if isinstance(one.event, RequestDenied)]
    return denied[0] if denied else ""


def _refuse_other_text(state: DeskState, switched: StrategySwitched) -> None:
    """Results are told by version, so a version that was once on keeps its rules."""
    if not switched.is_on:
        return
    for one in state.strategies:
        if one.strategy == switched.strategy and definition_on_record(
            one.text
        ) != definition_on_record(switched.text):
            raise RequestRefused(
                f"{one.strategy} was switched on in {one.account} with other rules: what they "
                "brought is told under that version, so give the changed ones a new version."
            )
