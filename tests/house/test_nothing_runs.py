"""What is read is never run: no eval, no pickle, no shell, no SQL made of what somebody typed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import PACKAGE, package_modules, parsed, shown

_RUNS = frozenset({"eval", "exec", "compile", "__import__", "execfile"})
_SHELLS = frozenset({"os.system", "os.popen", "os.execv", "os.execvp", "os.spawnv", "pty.spawn"})
_UNPICKLES = frozenset({"pickle", "cPickle", "dill", "shelve", "marshal", "cloudpickle", "yaml"})
_LOADS = frozenset({"joblib.load", "pd.read_pickle", "pandas.read_pickle", "numpy.fromregex"})
# Statements with a name of ours in them: columns and tables of dataclasses, numbers of a schema.
_SQL_OF_OURS = {
    "allusedesk/journal/migrations.py": "the two verbs of a trigger, and the schema's numbers",
    "allusedesk/journal/read_side.py": "columns of the values asked for, tables of the side file",
    "allusedesk/journal/read_tables.py": "tables and columns of our own dataclasses",
    "allusedesk/journal/store.py": "the columns of an entry, and one of two words",
    "allusedesk/journal/verification.py": "the columns of an entry",
}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in package_modules().values():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                yield shown(path), node


def test_no_text_is_run_as_a_program() -> None:
    found = [
        f"{file}:{call.lineno}: {ast.unparse(call.func)}"
        for file, call in calls()
        if ast.unparse(call.func) in _RUNS | _SHELLS | _LOADS
        and ast.unparse(call.func) != "re.compile"
    ]
    assert found == []


def test_no_shell_and_no_object_out_of_an_array() -> None:
    found = [
        f"{file}:{call.lineno}: {word.arg}"
        for file, call in calls()
        for word in call.keywords
        if word.arg in ("shell", "allow_pickle")
        and not (isinstance(word.value, ast.Constant) and word.value.value is False)
    ]
    assert found == []


def test_nothing_is_unpickled() -> None:
    found = []
    for path in package_modules().values():
        for node in ast.walk(parsed(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found += [
                f"{shown(path)}:{node.lineno}: {name}"
                for name in names
                if name.partition(".")[0] in _UNPICKLES
            ]
    assert found == []


def test_sql_takes_what_it_is_given_through_parameters_only() -> None:
    found = [
        f"{file}:{call.lineno}: {ast.unparse(call.args[0])}"
        for file, call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("execute", "executemany", "executescript")
        and call.args
        and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call)
        and file not in _SQL_OF_OURS
    ]
    assert found == []


def test_labels_say_what_they_are_given_and_read_no_markup_in_it() -> None:
    """A name such as <b>x</b> is shown as it is: Qt takes a label's text for markup otherwise."""
    found = []
    for path in package_modules().values():
        if not path.is_relative_to(PACKAGE / "desk"):
            continue
        for function in ast.walk(parsed(path)):
            if not isinstance(function, ast.FunctionDef):
                continue
            whole = ast.unparse(function)
            for node in ast.walk(function):
                if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
                    continue
                if ast.unparse(node.value.func) != "QLabel":
                    continue
                name = ast.unparse(node.targets[0])
                given = node.value.args
                is_fixed = given and isinstance(given[0], ast.Constant) and "." not in name
                if not is_fixed and f"{name}.setTextFormat(" not in whole:
                    found.append(f"{shown(path)}:{node.lineno}: {name}")
    assert found == []
