"""Small real models, in `models`, that `run_scenario` runs, opens and examines."""

from lstmviz.engine.scenarios.run import run_scenario

__all__ = ["run_scenario"]
