"""Token numbers where vectors are wanted, and the other way round."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.inputs import DTYPES, RUN
from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting
from lstmviz.core.mistakes.words import message


def _embedded(s: Setting, ids: str) -> Lines:
    shape = s.shape(s.batch, s.steps, 0).rsplit(",", 1)[0]
    device = "" if s.spec.device == "cpu" else f", device={s.spec.device!r}"
    made = f"torch.randint(0, 50, ({shape},){device})"
    return (
        f"embedding = nn.Embedding(50, {s.width}){s.moved}",
        f"tokens = {made}{ids}",
        "output, (h_n, c_n) = lstm(embedding(tokens))",
    )


def _index_lines(s: Setting, words: int) -> Lines:
    shape = s.shape(s.batch, s.steps, 0).rsplit(",", 1)[0]
    return (
        f"embedding = nn.Embedding({words}, {s.width}){s.moved}",
        f"tokens = torch.full(({shape},), 50)",
        "output, (h_n, c_n) = lstm(embedding(tokens))",
    )


def _from_tokens(s: Setting, *, cast: bool) -> Lines:
    if cast:
        return _embedded(s, "")
    shape = s.shape(s.batch, s.steps, s.width)
    device = "" if s.spec.device == "cpu" else f", device={s.spec.device!r}"
    return (f"x = torch.randint(0, 50, ({shape}){device})", RUN)


TOKENS: Final = (
    Mistake(
        name="input-of-whole-numbers",
        title="Whole numbers fed to the LSTM",
        kind=MistakeKind.ERROR,
        why="Token numbers are names, not quantities: an nn.Embedding turns each into a vector.",
        wrong=lambda s: _from_tokens(s, cast=False),
        right=lambda s: _from_tokens(s, cast=True),
        messages=DTYPES,
    ),
    Mistake(
        name="embedding-of-floats",
        title="Floats given to nn.Embedding",
        kind=MistakeKind.ERROR,
        why="nn.Embedding looks rows up by number, so it takes int64 or int32 indices.",
        wrong=lambda s: _embedded(s, ".float()"),
        right=lambda s: _embedded(s, ""),
        messages=(
            message(
                r"Expected tensor for argument #1 'indices' to have (?:one of the following )?"
                r"scalar types?:? Long(?:, Int)?; but got (?:torch\.)?(?P<got>[\w.]+)"
            ),
        ),
    ),
    Mistake(
        name="token-beyond-vocabulary",
        title="A token number outside the vocabulary",
        kind=MistakeKind.ERROR,
        why="num_embeddings is the largest token number plus one, padding and unknown included.",
        when=lambda s: not s.cuda,
        needs="the CPU",
        example={"device": "cpu"},
        wrong=lambda s: _index_lines(s, 50),
        right=lambda s: _index_lines(s, 51),
        messages=(message(r"index out of range in self"),),
    ),
)
