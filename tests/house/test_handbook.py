"""Words, events and options of the product against the handbook that explains them."""

from __future__ import annotations

import ast
import re

from tests.house.sources import HANDBOOK, handbook_text, package_modules, parsed


def classes(prefix: str) -> set[str]:
    return {
        node.name
        for module, path in package_modules().items()
        if module.startswith(prefix)
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


def missing(names: set[str], text: str) -> list[str]:
    known = set(re.findall(r"`([^`\n]+)`", text))
    return sorted(names - known)


def calls(name: str) -> list[ast.Call]:
    return [
        node
        for module, path in package_modules().items()
        if module.startswith("allusedesk.cli.")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    ]


def strings(call: ast.Call) -> set[str]:
    return {
        arg.value
        for arg in call.args
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    }


def test_every_public_type_of_the_domain_is_in_the_glossary() -> None:
    words = HANDBOOK / "words.md"
    text = words.read_text(encoding="utf-8") if words.is_file() else ""
    assert missing(classes("allusedesk.domain"), text) == []


def test_every_event_is_in_the_handbook() -> None:
    assert missing(classes("allusedesk.domain.events"), handbook_text()) == []


def test_every_option_of_the_command_line_is_in_the_handbook() -> None:
    options = {s for call in calls("add_argument") for s in strings(call) if s.startswith("--")}
    text = handbook_text()
    assert sorted(o for o in options if not re.search(rf"(?<![\w-]){o}(?![\w-])", text)) == []


def test_every_command_is_in_the_handbook() -> None:
    commands = {s for call in calls("add_parser") for s in strings(call)}
    text = handbook_text()
    assert sorted(c for c in commands if not re.search(rf"\b{re.escape(c)}\b", text)) == []


def test_every_setting_is_in_the_handbook() -> None:
    settings = package_modules().get("allusedesk.settings")
    names = {
        field.target.id
        for node in (parsed(settings).body if settings else [])
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    }
    assert missing(names, handbook_text()) == []
