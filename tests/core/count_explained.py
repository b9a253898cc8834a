"""Counts, kind by kind, how the pastes of a file are explained: ``python count_explained.py FILE``.

right: what a right answer must hold is there; honest: it is, in an answer that does not guess;
doubtful: it is not, and the answer says that it may be something else; wrong: it is not, and the
answer is certain; silent: nothing is explained.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from lstmviz.core.mistakes import explain, format_explanation
from lstmviz.core.mistakes.readings import Sure


def judged(row: dict[str, str]) -> str:
    """Return how one paste is explained."""
    explanation = explain(row["input"])
    # Without the echo of the message.
    answer = format_explanation(explanation).partition("\n\n")[2]
    if re.search(row["must_match"], answer):
        return "right" if explanation.title else "honest"
    if not explanation.title:
        return "silent"
    return "wrong" if explanation.sure is Sure.CERTAIN else "doubtful"


def main(names: list[str]) -> None:
    """Print the counts of each file."""
    for name in names:
        kinds: dict[str, Counter[str]] = defaultdict(Counter)
        for row in json.loads(Path(name).read_text("utf-8")):
            kinds[row["kind"]][judged(row)] += 1
        print(name, dict(sum(kinds.values(), Counter())))
        for kind, counts in sorted(kinds.items()):
            print(f"  {kind}: {', '.join(f'{n} {how}' for how, n in counts.items())}")


if __name__ == "__main__":
    main(sys.argv[1:] or [str(Path(__file__).with_name("public_pastes.json"))])
