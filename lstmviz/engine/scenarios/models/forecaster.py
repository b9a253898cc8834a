"""A forecaster: a trained LSTM on yearly sunspots, a year ahead and on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from lstmviz.core.recipe import SUNSPOTS_FIRST_YEAR, sunspots
from lstmviz.core.scenarios.catalogue.forecaster import (
    CYCLE_YEARS,
    HIDDEN_SIZE,
    LAST_TRAINING_YEAR,
    LEAST_PERCENT_RIGHT,
    LONGEST_CYCLE,
    SHORTEST_CYCLE,
)
from lstmviz.core.words.rounding import rounded, share
from lstmviz.engine.opening.trace import trace
from lstmviz.engine.scenarios.models.counter import correlations
from lstmviz.engine.scenarios.trained import load, path_of

if TYPE_CHECKING:
    from lstmviz.core.trace import Run
    from lstmviz.engine.scenarios.findings import Findings
    from lstmviz.engine.scenarios.run import Record

HELD_OUT: Final = LAST_TRAINING_YEAR + 1 - SUNSPOTS_FIRST_YEAR
"""Index of the first year that the network never saw."""

_LAGS = 9


class Forecaster(nn.Module):
    """Read a series year by year and forecast each next year.

    Notes
    -----
    The series is standardized by the training years' mean and standard deviation, which are kept
    beside the parameters.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, hidden_size: int = HIDDEN_SIZE) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, hidden_size, batch_first=True)
        self.linear = nn.Linear(hidden_size, 1)
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))

    def forward(self, series: Tensor, alone: int = 0) -> Tensor:
        """Forecast the year after each of `series` (N, L), then `alone` further years.

        Returns
        -------
        Tensor, shape (N, L + alone)
            From index L on each forecast was made from the forecast before it.
        """
        output, state = self.lstm(self.standardized(series).unsqueeze(-1))
        forecast = self.linear(output)
        years = [forecast]
        for _ in range(alone):
            output, state = self.lstm(years[-1][:, -1:], state)
            years.append(self.linear(output))
        return torch.cat(years, dim=1).squeeze(-1) * self.scale + self.mean

    def standardized(self, series: Tensor) -> Tensor:
        """Return `series` in standard deviations from the training years' mean."""
        return (series - self.mean) / self.scale


def play(findings: Findings, record: Record) -> Run:
    """Forecast every year from the one before, then run alone from the year that is set."""
    model = Forecaster().eval()
    load(model, path_of("forecaster"))
    series = torch.tensor(sunspots())
    start = findings.size("alone_from") - SUNSPOTS_FIRST_YEAR
    ahead = findings.size("alone_years") - 1
    run = record(model, series[None, :start], ahead)
    _keep(findings, model, series, start, ahead)
    _examine(findings, model, series)
    return run


def _years(first: int, count: int) -> tuple[str, ...]:
    return tuple(str(SUNSPOTS_FIRST_YEAR + first + k) for k in range(count))


def _keep(findings: Findings, model: Forecaster, series: Tensor, start: int, ahead: int) -> None:
    forecast = model(series[None, :-1])[0]
    later = _years(1, len(forecast))
    findings.keep("truth", "Sunspots", ("year",), series, _years(0, len(series)))
    findings.keep("forecast", "Forecast from the year before", ("year",), forecast, later)
    alone = model(series[None, :start], ahead)[0, start - 1 :]
    findings.keep("alone", "Running alone", ("year",), alone, _years(start, len(alone)))


def _examine(findings: Findings, model: Forecaster, series: Tensor) -> None:
    truth, before = series[HELD_OUT:], series[HELD_OUT - 1 : -1]
    forecast = model(series[None, :-1])[0][HELD_OUT - 1 :]
    errors = {
        "forecast": rmse(forecast, truth),
        "the year before": rmse(before, truth),
        f"linear in {_LAGS} years": rmse(linear_forecast(series), truth),
    }
    findings.keep("errors", "Root mean square error on held-out years", ("method",),
                  torch.tensor(list(errors.values())), tuple(errors))  # fmt: skip
    said = ", ".join(f"{name} {rounded(error)}" for name, error in errors.items())
    findings.judge("beats-persistence", errors["forecast"] < errors["the year before"], said)
    right, count = int(((forecast - before).sign() == (truth - before).sign()).sum()), len(truth)
    found = f"{right} of {count} years, {share(right, count)}"
    findings.judge("knows-the-direction", 100 * right >= LEAST_PERCENT_RIGHT * count, found)
    alone = model(series[None, :HELD_OUT], CYCLE_YEARS - 1)[0, HELD_OUT - 1 :]
    period = strongest_period(alone)
    found = f"strongest period {rounded(period)} years"
    findings.judge("has-the-cycle", SHORTEST_CYCLE <= period <= LONGEST_CYCLE, found)
    _keep_correlations(findings, model, series)


def _keep_correlations(findings: Findings, model: Forecaster, series: Tensor) -> None:
    opened = trace(model.lstm, model.standardized(series)[:, None], gates=False)
    cell = torch.from_numpy(opened.cell[0, 0, :, 0])
    found = correlations(cell[HELD_OUT:], series[HELD_OUT:])
    findings.keep("correlations", "Correlation of each unit's cell with the series",
                  ("H_cell",), found)  # fmt: skip
    unit = found.abs().argmax()
    findings.keep("unit", "The unit that follows best", (), unit)


def rmse(forecast: Tensor, truth: Tensor) -> float:
    """Return the root of the mean squared error, in sunspots."""
    return float((forecast - truth).pow(2).mean().sqrt())


def strongest_period(series: Tensor) -> float:
    """Return the period, in years, of the strongest wave in `series`."""
    strength = torch.fft.rfft(series - series.mean()).abs()
    return len(series) / max(1, int(strength.argmax()))


def linear_forecast(series: Tensor) -> Tensor:
    """Forecast the held-out years linearly from the years before, fitted to the training years."""
    rows = torch.cat([series.unfold(0, _LAGS, 1)[:-1], torch.ones(len(series) - _LAGS, 1)], dim=1)
    fitted = HELD_OUT - _LAGS
    weights: Tensor = torch.linalg.lstsq(rows[:fitted], series[_LAGS:HELD_OUT, None]).solution
    return (rows[fitted:] @ weights)[:, 0]
