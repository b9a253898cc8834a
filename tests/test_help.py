"""Help pages, held to their word.

Every ``python`` block of a page is run, in order and in one set of names, as a reader would who
types the page into one interpreter. What a page claims, an ``assert`` in its code checks: a block
without one is refused, so that code is never there for show. A page on the window itself has no
code; its claims are tested where the window is.
"""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from pathlib import Path

import pytest
import torch

from lstmviz.core.contract import contract
from lstmviz.core.conversions import markdown_table
from lstmviz.core.resources import root
from lstmviz.core.spec import RunSpec

HELP = root() / "help"
PAGES = sorted(HELP.glob("*.md"))
TENSOR_PAGES = {
    "tensors-and-axes",
    "output-h_n-c_n",
    "bidirectional",
    "stacked",
    "packed",
    "stateful",
    "projections",
    "gates",
    "conversions",
}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")


def blocks(page: Path) -> list[tuple[int, str, str]]:
    """Return the first line's number, the language and the code of each fenced block."""
    text = page.read_text(encoding="utf-8")
    return [(text[: m.start(2)].count("\n"), m[1], m[2]) for m in FENCE.finditer(text)]


def pages_with_code() -> list[Path]:
    return [page for page in PAGES if blocks(page)]


def test_the_promised_pages_are_there_and_have_code():
    assert {page.stem for page in pages_with_code()} == TENSOR_PAGES
    assert {page.stem for page in PAGES} == TENSOR_PAGES | {"index", "getting-around", "security"}


@pytest.mark.parametrize("page", pages_with_code(), ids=lambda page: page.stem)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_pages_code_runs_and_its_claims_hold(page, seed):
    names: dict[str, object] = {}
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections")
        torch.manual_seed(seed)
        for line, _language, code in blocks(page):
            # Padded, so that a traceback names the line of the page.
            exec(compile("\n" * line + code, str(page), "exec"), names)  # noqa: S102 - our pages


@pytest.mark.parametrize("page", pages_with_code(), ids=lambda page: page.stem)
def test_every_block_checks_something_that_was_computed(page):
    for line, language, code in blocks(page):
        assert language == "python", f"{page.name}:{line}"
        asserted = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert)]
        assert asserted, f"{page.name}:{line} checks nothing"
        for node in asserted:
            if not isinstance(node.msg, ast.Constant):
                read = [part for part in ast.walk(node.test) if isinstance(part, ast.Name)]
                assert read, f"{page.name}:{line} asserts a constant"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_pages(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (HELP / target).is_file(), target


def test_the_index_lists_every_page_by_its_title():
    listed = {
        target: title
        for title, target in re.findall(
            r"^\| \[([^]]+)\]\(([^)]+)\)", (HELP / "index.md").read_text("utf-8"), re.MULTILINE
        )
    }
    titles = {
        page.name: page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        for page in PAGES
        if page.stem != "index"
    }
    assert listed == titles


def test_the_letters_are_those_of_the_contract_and_of_nn_lstm():
    rows = re.findall(
        r"^\| (\S+) \| [^|]+ \| (?:`(\w+)`)? ?\|$",
        (HELP / "index.md").read_text("utf-8"),
        re.MULTILINE,
    )
    symbols = {
        letter
        for spec in (RunSpec(), RunSpec().changed(proj_size=3))
        for tensor in contract(spec.geometry).tensors
        for axis in tensor.axes
        for letter in axis.symbol.split("·")
    }
    assert {letter for letter, _argument in rows} == symbols - {"num_layers", "4"}
    parameters = inspect.signature(torch.nn.RNNBase.__init__).parameters
    assert all(argument in parameters for _letter, argument in rows if argument)


def test_the_table_of_layouts_is_the_one_that_arrays_are_converted_by():
    assert f"\n\n{markdown_table()}\n\n" in (HELP / "conversions.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_one_title_and_short_lines(page):
    text = page.read_text(encoding="utf-8")
    prose = FENCE.sub("", text)
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    assert max(map(len, text.replace(markdown_table(), "").splitlines())) <= 100
    assert text.endswith("\n")
