"""The program that runs a scenario, and the model that it runs, as text."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.scenarios.parts import Scenario

_SOURCES: Final = Path(__file__).resolve().parents[2] / "engine" / "scenarios" / "models"


def program(choice: Choice, *, with_model: bool = True) -> str:
    """Return a program that runs `choice` and prints its claims, with the model's own source."""
    model = model_source(choice.scenario) if with_model else ""
    about = f"\n\n# The model that runs, as it stands in lstmviz.\n\n{model}" if model else ""
    return f"{_run(choice)}{about}"


def model_source(scenario: Scenario) -> str:
    """Return the classes of a scenario's model, with what they need, as they are run.

    Empty where lstmviz is installed without its source.
    """
    path = _SOURCES / f"{scenario.module}.py"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return ""
    tree = ast.parse(text)
    parts = _needed(tree)
    blocks = [ast.get_source_segment(text, node) or "" for node in parts]
    used = {n.id for part in parts for n in ast.walk(part) if isinstance(n, ast.Name)}
    imports, constants = _imports(tree, used)
    values = import_module(f"lstmviz.core.scenarios.catalogue.{scenario.module}")
    settings = [f"{constant} = {getattr(values, constant)!r}" for constant in constants]
    head = "\n".join(imports)
    names = "\n\n" + "\n".join(settings) if settings else ""
    return f"{head}{names}\n\n\n" + "\n\n\n".join(blocks) + "\n"


def _run(choice: Choice) -> str:
    defaults = choice.scenario.defaults()
    changed = {name: v for name, v in choice.settings.items() if v != defaults[name]}
    settings = "".join(f"    {name!r}: {value!r},\n" for name, value in changed.items())
    given = f", {{\n{settings}}}" if changed else ""
    return (
        f"# {choice.scenario.title}: {choice.scenario.summary}\n"
        "from lstmviz.engine.scenarios.run import run_scenario\n\n"
        f'found = run_scenario("{choice.name}"{given})\n'
        "for claim in found.claims:\n"
        '    print("yes" if claim.holds else "NO", claim.sentence, claim.measured)\n'
        "for trace in found.run.traces:\n"
        "    print(trace.hidden.shape, trace.cell.shape)\n"
    )


def _needed(tree: ast.Module) -> list[ast.stmt]:
    """Return the classes, and the functions and names of the file that they use, in order."""
    defined: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                defined[target.id] = node
    kept: set[str] = set()
    waiting = [name for name, node in defined.items() if isinstance(node, ast.ClassDef)]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept.add(name)
            names = {n.id for n in ast.walk(defined[name]) if isinstance(n, ast.Name)}
            waiting += names & defined.keys()
    return [node for name, node in defined.items() if name in kept]


def _imports(tree: ast.Module, used: set[str]) -> tuple[list[str], list[str]]:
    """Return the import lines that are used, and the names that come from our own core."""
    lines: list[str] = []
    constants: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias for alias in node.names if (alias.asname or alias.name) in used]
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            if module and module.startswith("lstmviz.core.scenarios"):
                constants += [alias.name for alias in names]
            elif names and module != "__future__":
                node.names = names
                lines.append(ast.unparse(node))
    return lines, constants
