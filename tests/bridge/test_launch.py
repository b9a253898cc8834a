from __future__ import annotations

from pathlib import Path

import lstmviz
from lstmviz.bridge.launch import launch
from lstmviz.bridge.protocol import Ready


def test_the_engine_is_this_package_and_nothing_of_the_folder_it_starts_in(tmp_path, monkeypatch):
    trap = "raise SystemExit('a file that happens to lie here was imported')"
    (tmp_path / "lstmviz").mkdir()
    for name in ("lstmviz/__init__.py", "random.py", "torch.py", "numpy.py"):
        (tmp_path / name).write_text(trap, encoding="utf-8")
    other = tmp_path / "other"
    (other / "lstmviz").mkdir(parents=True)
    (other / "lstmviz" / "__init__.py").write_text(trap, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(other))
    engine = launch()
    try:
        messages = []
        while not any(isinstance(message, Ready) for message in messages):
            messages += engine.link.receive()
        assert engine.last_words() == ""
    finally:
        engine.kill()
    assert Path(lstmviz.__file__).is_file()


def test_the_last_words_are_the_end_of_what_was_printed():
    engine = launch()
    engine.process.kill()
    engine.process.wait()
    engine.log.write(b"x" * 10_000 + b"\nImportError: \xff no torch\n")
    words = engine.last_words()
    engine.kill()
    assert len(words) <= 4096
    assert words.endswith("ImportError: \ufffd no torch")
