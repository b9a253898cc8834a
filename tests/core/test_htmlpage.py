"""The HTML page of a run: what it holds, and that nothing foreign gets to act in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from lstmviz.core.files import htmlpage
from lstmviz.core.files.htmlpage import PageTooLargeError, page_bytes, write_page
from lstmviz.core.page import numbers
from lstmviz.core.places import output_of_item, steps_of_item
from lstmviz.engine.opening.trace import trace

torch.set_num_threads(1)

EVIL = "</script><img src=x onerror=alert(1)> & \"'<b>"


def traced(lengths=None, dtype=torch.float32, steps=6, items=3, **options):
    torch.manual_seed(3)
    lstm = torch.nn.LSTM(4, 5, dtype=dtype, **options)
    x = torch.randn(steps, items, 4, dtype=dtype)
    if lengths:
        return trace(lstm, pack_padded_sequence(x, lengths, enforce_sorted=False))
    return trace(lstm, x.transpose(0, 1) if options.get("batch_first") else x)


class Page(HTMLParser):
    """A page taken apart as a browser would."""

    def __init__(self, data):
        super().__init__()
        self.tags, self.texts, self._inside = [], {}, None
        self.feed(data.decode())
        self.facts = json.loads(self.text("script", id="run"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = len(self.tags) - 1

    def handle_endtag(self, tag):  # noqa: ARG002 - as HTMLParser calls it
        self._inside = None

    def handle_data(self, data):
        if self._inside is not None:
            self.texts[self._inside] = self.texts.get(self._inside, "") + data

    def text(self, tag, **wanted):
        (place,) = [
            place
            for place, (name, attrs) in enumerate(self.tags)
            if name == tag and wanted.items() <= attrs.items()
        ]
        return self.texts[place]

    def array(self, found):
        text = self.text("script", id=f"numbers-{found['block']}")
        return np.frombuffer(base64.b64decode(text), "<f8" if found["double"] else "<f4")


CASES = {
    "two layers, both ways": traced(num_layers=2, bidirectional=True),
    "batch first": traced(batch_first=True),
    "packed": traced(lengths=[4, 6, 1], bidirectional=True, proj_size=2),
    "float64": traced(dtype=torch.float64),
}


@pytest.mark.parametrize("seen", CASES.values(), ids=CASES)
def test_every_number_is_in_the_page_bit_for_bit(seen):
    page = Page(page_bytes([("", seen)]))
    arrays = page.facts["calls"][0]["arrays"]
    decoded = {name: page.array(found) for name, found in arrays.items()}
    expected = {"input": seen.input, **seen.states, **seen.gates}
    assert set(decoded) == set(expected)
    for name, array in expected.items():
        assert decoded[name].dtype == array.dtype
        assert decoded[name].tobytes() == np.ascontiguousarray(array).tobytes(), name
    # The output is not there twice: the last layer's h_t holds its bits.
    top = decoded["hidden"].reshape(seen.hidden.shape)[-1]
    for item in range(seen.batch_size):
        joined = np.concatenate(list(top[:, : steps_of_item(seen, item), item]), axis=1)
        assert joined.tobytes() == output_of_item(seen, item).tobytes()


def test_an_output_of_other_bits_is_in_the_page_itself():
    seen = traced()
    other = replace(seen, output=np.nextafter(seen.output, np.float32(2)))
    page = Page(page_bytes([("", other)]))
    found = page.array(page.facts["calls"][0]["arrays"]["output"])
    assert found.tobytes() == other.output.tobytes()


def test_the_same_numbers_of_two_calls_are_there_once():
    seen = traced()
    one, two = page_bytes([("a", seen)]), page_bytes([("a", seen), ("b", seen)])
    assert one.count(b'id="numbers-') == two.count(b'id="numbers-') == 7


def test_foreign_text_is_shown_and_never_obeyed():
    seen = replace(traced(), notes=(EVIL,), device=EVIL)
    page = Page(page_bytes([(EVIL, seen), ("b", seen)], title=EVIL, session='{"é": 1}'))
    names = [tag for tag, _ in page.tags]
    assert "img" not in names
    assert names.count("script") == 2 + 7
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert page.text("title") == page.text("h1") == EVIL
    assert page.facts["calls"][0]["name"] == EVIL
    assert EVIL in page.texts.values()


def test_a_letter_that_no_encoding_has_is_written_out():
    page = Page(page_bytes([("\ud800", traced()), ("b", traced())], title="a\ud800\u202eb"))
    assert page.text("title") == "a\\ud800\\u202eb"


def test_the_page_carries_its_session_as_one_token():
    session = '{"lstmviz": 1, "name": "größe"}'
    text = page_bytes([("", traced())], session=session).decode()
    (token,) = re.findall(
        r'<meta name="lstmviz-session" content="lstmviz-session:([A-Za-z0-9+/=]+)">', text
    )
    assert base64.b64decode(token).decode() == session
    assert "lstmviz-session" not in page_bytes([("", traced())]).decode()


def test_only_its_own_script_and_style_may_run_and_nothing_may_be_fetched():
    page = Page(page_bytes([("", traced())]))
    (policy,) = [a["content"] for _, a in page.tags if "http-equiv" in a]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (script,) = [
        text
        for place, text in page.texts.items()
        if page.tags[place] == ("script", {}) and text.strip()
    ]
    for name, source in (("script-src", script), ("style-src", page.text("style"))):
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    links = [a[n] for _, a in page.tags for n in ("src", "href") if n in a]
    assert all(link.startswith("data:") for link in links)
    assert not [a for _, a in page.tags if "style" in a]


def test_the_same_run_gives_the_same_bytes_whatever_time_it_took():
    seen = traced(bidirectional=True)
    slower = replace(
        seen, trace_seconds=9.0, forward_timing=replace(seen.forward_timing, seconds=7.0)
    )
    assert page_bytes([("", seen)]) == page_bytes([("", slower)])
    assert page_bytes([("", seen)], theme="dark") != page_bytes([("", seen)])


def test_sizes_proof_and_shapes_are_there_without_a_script():
    seen = traced(num_layers=2, bidirectional=True, batch_first=True)
    text = re.sub(r"<[^>]+>", "", page_bytes([("", seen)]).decode().partition('id="run"')[0])
    for words in (
        "hidden_size H_cell 5", "The trace is what nn.LSTM returned", "scripts are switched off",
        "outputN, L, D·H_cell(3, 6, 10)", "h_nD·num_layers, N, H_cell(4, 3, 5)",
        "weight_ih_l1_reverse4·H_cell, D·H_cell(20, 10)",
        "num_layers, D, L, N, H_cell(2, 2, 6, 3, 5)",
    ):  # fmt: skip
        assert words in text


def test_half_precision_says_what_its_numbers_are():
    seen = traced(dtype=torch.bfloat16)
    text = page_bytes([("", seen)]).decode()
    assert text.count("hold bfloat16 values") == 1
    assert not Page(page_bytes([("", seen)])).facts["calls"][0]["arrays"]["hidden"]["double"]


def test_a_run_too_large_for_a_page_is_refused_with_what_is_possible(monkeypatch, tmp_path):
    seen = traced()
    size = sum(array.nbytes for array in (seen.input, *seen.states.values(), *seen.gates.values()))
    monkeypatch.setattr(numbers, "MOST_BYTES", size)
    seen.to_html(tmp_path / "fits.html")
    monkeypatch.setattr(numbers, "MOST_BYTES", size - 1)
    with pytest.raises(PageTooLargeError, match=r"save it as \.npz, or show fewer steps"):
        seen.to_html(tmp_path / "run.html")
    assert [path.name for path in tmp_path.iterdir()] == ["fits.html"]


def test_a_page_that_cannot_be_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="theme must be one of system, light, dark, not 'blue'"):
        page_bytes([("", traced())], theme="blue")
    with pytest.raises(ValueError, match="at least one call"):
        write_page(tmp_path / "none.html", [])
    assert not list(tmp_path.iterdir())


def test_the_file_is_the_page(tmp_path):
    seen = traced()
    seen.to_html(tmp_path / "run.html", title="one", theme="light")
    assert (tmp_path / "run.html").read_bytes() == page_bytes(
        [("", seen)], title="one", theme="light"
    )


def test_every_part_of_the_script_is_in_the_page():
    folder = htmlpage.root() / "page"
    assert {path.stem for path in folder.glob("*.js")} == set(htmlpage.SCRIPTS)
