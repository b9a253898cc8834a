"""The layers: who may import whom, read from the source and tried in fresh processes."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lstmviz

PACKAGE = Path(lstmviz.__file__).parent
STANDARD = sys.stdlib_module_names
QT = {"PySide6", "shiboken6", "pyqtgraph"}
PAPER = {"matplotlib", "PIL", "imageio_ffmpeg"}
TORCH = {"torch", "safetensors", "functorch"}

ENGINE_SIDE = {PACKAGE / "bridge" / name for name in ("loop.py", "bench.py")}
"""What of the bridge runs in the engine's process only."""

WINDOW_SIDE = {PACKAGE / "bridge" / name for name in ("client.py", "retry.py")}
"""What of the bridge runs in the window's process only, and may know Qt."""

FILES = sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE).parts
    return inside[0] if len(inside) > 1 and inside[0] != "cli" else "top"


def imported(tree: ast.AST, path: Path) -> list[tuple[str, int]]:
    """Return every absolute module name imported anywhere in a file, with its line."""
    package = ("lstmviz", *path.relative_to(PACKAGE).parts[:-1])
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [base])])
            found.append((base, node.lineno))
            if base in ("lstmviz", "lstmviz.core", "lstmviz.engine", "lstmviz.bridge"):
                found += [(f"{base}.{alias.name}", node.lineno) for alias in node.names]
    return found


def for_types_only(tree: ast.AST) -> set[int]:
    """Return the lines that only a type checker reads."""
    lines = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for inner in node.body:
                lines |= set(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return lines


def is_allowed(path: Path, module: str) -> bool:
    top, layer = module.partition(".")[0], layer_of(path)
    if top in STANDARD:
        return True
    if top == "lstmviz":
        inner = module.split(".")[1] if "." in module else "top"
        if not (PACKAGE / inner).is_dir():
            inner = "top"  # lstmviz itself: its version and its place
        return (
            inner
            in {
                "core": {"core", "top"},
                "engine": {"engine", "core", "top"},
                "bridge": {"bridge", "core", "top"}
                | ({"engine"} if path in ENGINE_SIDE else set()),
                "figures": {"figures", "core", "top"},
                "gui": {"gui", "figures", "bridge", "core", "top"},
                "top": {"cli", "gui", "figures", "bridge", "engine", "core", "top"},
            }[layer]
        )
    if top == "numpy":
        return layer != "top"
    if top in PAPER:
        return layer == "figures"
    if top in QT:
        return layer == "gui" or path in WINDOW_SIDE
    if top in TORCH:
        return layer == "engine" or path in ENGINE_SIDE
    return top == "platformdirs" and layer == "gui"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_layer_may(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = for_types_only(tree) if layer_of(path) == "top" else set()
    wrong = [
        f"line {line}: {module}"
        for module, line in imported(tree, path)
        if line not in skipped and not is_allowed(path, module)
    ]
    assert not wrong


@pytest.mark.parametrize("path", sorted(ENGINE_SIDE), ids=lambda path: path.name)
def test_the_engine_is_imported_only_inside_functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = ast.Module([n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)], [])
    assert not [
        name for name, _ in imported(top, path) if name.startswith(("torch", "lstmviz.engine"))
    ]


def test_nothing_else_imports_the_engine_side_of_the_bridge():
    names = {f"lstmviz.bridge.{path.stem}" for path in ENGINE_SIDE}
    importers = {
        path
        for path in FILES
        for name, _ in imported(ast.parse(path.read_text(encoding="utf-8")), path)
        if name in names
    }
    assert importers <= ENGINE_SIDE


def test_every_folder_of_the_package_has_a_layer():
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and any(p.rglob("*.py"))}
    assert folders - {"_resources"} == {"cli", "core", "engine", "bridge", "figures", "gui"}


def modules_after(program: str, *arguments: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after `program`."""
    report = (
        "\nimport json, sys\n"
        "print('\\n' + json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program + report, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


RUN = """
import sys
from lstmviz.cli import run
try:
    run(sys.argv[1:])
except SystemExit:
    pass
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["render", "--help"],
        ["trace", "--help"],
        ["shapes"],
        ["shapes", "--json"],
        ["--nonsense"],
    ],
    ids=" ".join,
)
def test_a_command_that_only_talks_loads_neither_torch_nor_qt(arguments):
    loaded = modules_after(RUN, *arguments)
    assert not loaded & (QT | TORCH)


def test_importing_the_package_loads_next_to_nothing():
    loaded = modules_after("import lstmviz")
    assert not loaded & (QT | TORCH | {"numpy"})


def test_the_window_and_everything_in_it_load_without_torch():
    program = """
import importlib, pkgutil
import lstmviz.gui, lstmviz.bridge.client
for module in pkgutil.walk_packages(lstmviz.gui.__path__, "lstmviz.gui."):
    importlib.import_module(module.name)
"""
    loaded = modules_after(program)
    assert "PySide6" in loaded
    assert not loaded & TORCH
    assert "lstmviz" in loaded


def test_the_engine_loads_without_qt():
    program = """
import importlib, pkgutil
import lstmviz.engine
for module in pkgutil.walk_packages(lstmviz.engine.__path__, "lstmviz.engine."):
    importlib.import_module(module.name)
import lstmviz.bridge.loop
"""
    loaded = modules_after(program)
    assert "torch" in loaded
    assert not loaded & QT


def test_starting_the_module_prints_the_version():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lstmviz", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == f"lstmviz {lstmviz.__version__}\n"
    assert "torch" not in done.stderr
    assert "PySide6" not in done.stderr


def test_the_map_of_the_code_names_files_that_are_there():
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:core|engine|bridge|gui|cli)/[\w/.]+?)(?:\.[A-Z_]+)?`", text))
    assert len(named) > 60
    missing = [
        name
        for name in named
        if not (PACKAGE / name).exists() and not (PACKAGE / f"{name}.py").exists()
    ]
    assert not missing
