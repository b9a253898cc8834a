"""Train the small networks that ship with scenarios: ``python -m lstmviz.engine.train counter``.

Seeded and on one thread of the CPU, so that the same PyTorch on the same processor gives the same
parameters again, bit by bit.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save
from torch import Tensor, nn

from lstmviz.core.recipe import sunspots
from lstmviz.engine.scenarios.models.counter import BracketCounter, depth, one_hot, practice
from lstmviz.engine.scenarios.models.forecaster import HELD_OUT, Forecaster
from lstmviz.engine.scenarios.run import seeded
from lstmviz.engine.scenarios.trained import path_of

Loss = Callable[[], Tensor]

COUNTER_STEPS: Final = 2000
FORECASTER_STEPS: Final = 400
_UNSETTLED: Final = 10
"""First years of the series, at which the forecaster has read too little to be held to account."""


def train_counter(steps: int = COUNTER_STEPS, seed: int = 0) -> BracketCounter:
    """Train on random texts of 100 characters, fresh ones at every step; about a minute."""
    with seeded(seed), torch.enable_grad():
        model = BracketCounter()

        def loss() -> Tensor:
            kinds = practice(32, 100)
            off: Tensor = model(one_hot(kinds)) - depth(kinds)
            return off.pow(2).mean()

        _optimize(model, loss, steps, rate=0.02)
    return model.eval()


def train_forecaster(steps: int = FORECASTER_STEPS, seed: int = 0) -> Forecaster:
    """Train on the years up to the last training year, a year ahead; about a second."""
    series = torch.tensor(sunspots())[:HELD_OUT]
    with seeded(seed), torch.enable_grad():
        model = Forecaster()
        model.mean.copy_(series.mean())
        model.scale.copy_(series.std())

        def loss() -> Tensor:
            forecast = model(series[None, :-1])[0]
            off: Tensor = model.standardized(forecast) - model.standardized(series[1:])
            return off[_UNSETTLED:].pow(2).mean()

        _optimize(model, loss, steps, rate=0.01)
    return model.eval()


def _optimize(model: nn.Module, loss: Loss, steps: int, rate: float) -> None:
    """Descend `loss` with Adam, the rate rising and falling once, gradients clipped at norm 1."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


_TRAINERS: Final[dict[str, tuple[Callable[[int, int], nn.Module], int]]] = {
    "counter": (train_counter, COUNTER_STEPS),
    "forecaster": (train_forecaster, FORECASTER_STEPS),
}


def main(arguments: list[str] | None = None) -> int:
    """Train what `arguments` name and write its parameters; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lstmviz.engine.train", description=__doc__)
    parser.add_argument("name", choices=list(_TRAINERS))
    parser.add_argument("--steps", type=int, help="optimizer steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, help="a .safetensors file")
    options = parser.parse_args(arguments)
    train, usual = _TRAINERS[options.name]
    steps, started = options.steps or usual, time.perf_counter()
    model = train(steps, options.seed)
    path: Path = options.output or path_of(options.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    # One entry: several would be written in an order that changes from run to run.
    about = {"training": f"steps {steps}, seed {options.seed}, torch {torch.__version__}"}
    path.write_bytes(save(model.state_dict(), metadata=about))
    print(f"{options.name}: {steps} steps in {time.perf_counter() - started:.0f} s, {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
