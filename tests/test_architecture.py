"""The walls of the house: the import table of docs/architecture.md, size limits, and what the code must never do."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "torchwork"
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 500, 60
ENTRY_POINTS = {"__init__", "__main__", "cli"}
"""Parts that load the others late, inside functions."""
IMPORTS_BY_NAME = {
    "__init__.py": "the public names, each from a place written there",
    "capture/targets.py": "an installed module, whose name a person typed",
    "data/sources/code.py": "one's own Dataset, which a document names and `--trust` allows",
}
RUNS_DOCUMENTS = {"graph/source.py": "classes that a document holds as source, which `--trust` allows"}
NAMELESS = {"util", "utils", "helper", "helpers", "common", "misc"}
RUNS_CODE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(path): path for path in FILES}


def part(name: str) -> str:
    """The part that a module belongs to: the first component under torchwork."""
    return name.split(".")[1] if "." in name else "__init__"


@cache
def table() -> dict[str, list[str]]:
    """The rows of the import table: part, what it is, what it may import, whether it loads torch."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("\n## ")[0]
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {row[0]: row for row in rows[2:]}


def allowed(name: str) -> set[str]:
    words = {word.strip(" `") for word in table().get(name, ["", "", "nothing"])[2].split(",")} - {"nothing"}
    return set(table()) | ENTRY_POINTS if "all" in words else words


def imported(node: ast.AST) -> list[str]:
    """The modules of torchwork that an import statement loads."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.split(".")[0] == "torchwork"]
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "torchwork":
        inner = [f"{node.module}.{alias.name}" for alias in node.names]
        parts = {f"torchwork.{name}" for name in table()}
        return [name if name in MODULES.keys() | parts else str(node.module) for name in inner]
    return []


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def statements(node: ast.AST, late: bool) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported, or those that run later, in functions."""
    for child in ast.iter_child_nodes(node):
        if for_types_only(child):
            continue
        if isinstance(child, Function | ast.Lambda):
            if late:
                yield from ast.walk(child)
            continue
        if not late:
            yield child
        yield from statements(child, late)


def imports(path: Path, late: bool) -> set[str]:
    return {name for node in statements(tree(path), late) for name in imported(node)}


def test_every_part_stands_in_the_table() -> None:
    parts = {part(name) for name in MODULES} - {"__init__", "__main__", "templates"}
    assert parts <= set(table())


def test_the_table_has_no_cycle() -> None:
    TopologicalSorter({name: allowed(name) for name in table() if table()[name][2] != "all"}).prepare()


@each_file
def test_a_part_imports_only_what_the_table_allows(path: Path) -> None:
    own = part(module(path))
    if own in {"__init__", "__main__"}:
        pytest.skip("an entry point may use every part")
    everything = {name for node in ast.walk(tree(path)) for name in imported(node)}
    assert {part(name) for name in everything} - {own} <= allowed(own)


def test_no_import_cycle_between_modules() -> None:
    try:
        TopologicalSorter({name: imports(path, late=False) for name, path in MODULES.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@each_file
def test_only_entry_points_import_torchwork_inside_functions(path: Path) -> None:
    if part(module(path)) not in ENTRY_POINTS:
        assert not imports(path, late=True)


def test_the_package_itself_imports_nothing_of_it_at_once() -> None:
    assert not imports(PACKAGE / "__init__.py", late=False)


def loaded(*arguments: str) -> str:
    """What a fresh interpreter says of torch after running with these arguments."""
    watch = "import atexit, sys; atexit.register(lambda: print('torch' in sys.modules, file=sys.stderr))"
    code = f"{watch}\nimport runpy\nsys.argv[1:] = {list(arguments[1:])!r}\n{arguments[0]}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "name", ["torchwork", *(f"torchwork.{name}" for name, row in table().items() if row[3] == "no")]
)
def test_importing_loads_no_torch(name: str) -> None:
    assert loaded(f"import {name}") == "False"


def test_help_loads_no_torch() -> None:
    if not (PACKAGE / "__main__.py").exists():
        pytest.skip("there is no command line yet")
    assert loaded("runpy.run_module('torchwork', run_name='__main__')", "--help") == "False"


@each_file
def test_sizes(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, Function)]
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION] == []


def test_modules_are_named_for_their_subject() -> None:
    assert [name for name in MODULES if name.rpartition(".")[2].strip("_") in NAMELESS] == []


def definition(name: str, path: Path, trail: tuple[Path, ...] = ()) -> ast.AST | None:
    """The class or function that `name` means in the module at `path`; None for a constant."""
    for node in tree(path).body:
        if isinstance(node, Function | ast.ClassDef) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and node.module in MODULES and MODULES[node.module] not in trail:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return definition(alias.name, MODULES[node.module], (*trail, path))
    return None


def exported(path: Path) -> list[str]:
    """The names of `__all__`, or every public definition where there is none."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    defined = [node.name for node in tree(path).body if isinstance(node, Function | ast.ClassDef)]
    return [name for name in defined if not name.startswith("_")]


FACES = {name: MODULES[face] for name in table() if (face := f"torchwork.{name}") in MODULES}


@pytest.mark.parametrize("name", FACES)
def test_public_names_have_docstrings(name: str) -> None:
    meant = [definition(public, FACES[name]) for public in exported(FACES[name])]
    documentable = [node for node in meant if isinstance(node, Function | ast.ClassDef)]
    assert [node.name for node in documentable if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("name", [name for name, path in FACES.items() if path.name == "__init__.py"])
def test_a_part_says_what_it_offers(name: str) -> None:
    text = FACES[name].read_text("utf-8")
    assert "__all__" in text
    assert ast.get_docstring(tree(FACES[name]))


def public_functions(node: ast.Module | ast.ClassDef) -> Iterator[Function]:
    for child in node.body:
        if isinstance(child, Function) and not child.name.startswith("_"):
            yield child
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from public_functions(child)


def is_typed(function: Function) -> bool:
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    untyped = [argument.arg for argument in given if argument and not argument.annotation]
    return function.returns is not None and set(untyped) <= {"self", "cls"}


@each_file
def test_public_functions_are_typed(path: Path) -> None:
    assert [function.name for function in public_functions(tree(path)) if not is_typed(function)] == []


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the name of what is called, such as `torch.load`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def says(call: ast.Call, keyword: str, value: bool) -> bool:
    given = {item.arg: item.value for item in call.keywords}
    return isinstance(given.get(keyword), ast.Constant) and given[keyword].value is value  # type: ignore[attr-defined]


@each_file
def test_nothing_runs_code_from_a_file(path: Path) -> None:
    # Naming the error that torch.load raises at a pickle of objects reads no pickle.
    used = {ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    used |= {f"{node.module}." for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)}
    assert [name for name in used - {"pickle.UnpicklingError"} if name.split(".")[0] in RUNS_CODE] == []
    may_run = {"exec", "compile"} if path.relative_to(PACKAGE).as_posix() in RUNS_DOCUMENTS else set()
    running = {"eval", "exec", "compile", "builtins.eval", "builtins.exec"} - may_run
    for name, call in calls(path):
        assert name not in running, f"line {call.lineno}"
        assert name != "torch.load" or says(call, "weights_only", True), f"line {call.lineno}"
        assert not says(call, "allow_pickle", True), f"line {call.lineno}"


@each_file
def test_no_import_by_a_name_that_came_from_elsewhere(path: Path) -> None:
    if path.relative_to(PACKAGE).as_posix() in IMPORTS_BY_NAME:
        return
    named = [call for name, call in calls(path) if name in {"importlib.import_module", "import_module", "__import__"}]
    assert [call.lineno for call in named if not (call.args and isinstance(call.args[0], ast.Constant))] == []


@each_file
def test_nothing_is_left_for_later(path: Path) -> None:
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text("utf-8"))
