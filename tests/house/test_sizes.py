from __future__ import annotations

import ast
from itertools import pairwise

from tests.house.sources import parsed, project_files, python_files, shown

LINES_PER_MODULE_MAX = 400
LINES_PER_FUNCTION_MAX = 70
COLUMNS_MAX = 100


def test_no_module_is_longer_than_a_reader_bears() -> None:
    lengths = {shown(path): len(path.read_text().splitlines()) for path in python_files()}
    assert {name: n for name, n in lengths.items() if n > LINES_PER_MODULE_MAX} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = []
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                length = (node.end_lineno or node.lineno) - first + 1
                if length > LINES_PER_FUNCTION_MAX:
                    long.append(f"{shown(path)}:{node.lineno} {node.name} has {length} lines")
    assert long == []


def test_no_line_is_wider_than_the_page() -> None:
    wide = [
        f"{shown(path)}:{number}"
        for path in project_files()
        if path.suffix in {".py", ".sh"} or path.name in {"pyproject.toml", "Makefile"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > COLUMNS_MAX
    ]
    assert wide == []


def test_an_init_file_holds_one_docstring_and_nothing_else() -> None:
    wrong = []
    for path in python_files():
        if path.name == "__init__.py" and "allusedesk" in path.parts:
            tree = parsed(path)
            sentences = (ast.get_docstring(tree) or "").replace("\n", " ").count(".")
            if len(tree.body) != 1 or not 2 <= sentences <= 4:
                wrong.append(shown(path))
    assert wrong == []


def test_every_folder_of_the_product_says_why_it_exists() -> None:
    files = [path for path in python_files() if "allusedesk" in path.parts]
    folders = sorted({path.parent for path in files})
    assert [shown(f) for f in folders if not (f / "__init__.py").is_file()] == []
    assert all(shown(a) != shown(b) for a, b in pairwise(folders))
