"""The numbers behind a picture, to be taken away: as text for a spreadsheet, as CSV or as NPZ."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lstmviz.core.plotted import Table


def exact(value: Any) -> str:
    """Return a number in as few digits as give it back exactly in its own type.

    Examples
    --------
    >>> exact(np.float32(0.1))
    '0.1'
    """
    return str(value.item() if isinstance(value, np.integer | np.bool_) else value)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberTable:
    """What a plot is drawn from, with the names of its rows and columns.

    Attributes
    ----------
    name : str
        A word for files: ``h_t``.
    said : str
        What the numbers are, in one line, whose they are included.
    table : array or LazyDifference, shape (rows, columns)
        Rows are steps where time runs.
    row_name : str
        What a row counts: ``t``.
    columns : tuple of str
        Name of each column.
    first : int
        Index of the first row.
    """

    name: str
    said: str
    table: Table = field(repr=False)
    row_name: str = "t"
    columns: tuple[str, ...] = ()
    first: int = 0

    def part(self, rows: range) -> NumberTable:
        """Return the rows of `rows` alone, counted as in the whole."""
        return NumberTable(
            name=self.name,
            said=self.said,
            table=self.table[rows.start - self.first : rows.stop - self.first],
            row_name=self.row_name,
            columns=self.columns,
            first=rows.start,
        )

    def row_text(self, row: int) -> str:
        """Return one row as numbers between tabs, as a spreadsheet takes them."""
        return "\t".join(exact(value) for value in self.table[row - self.first])

    def column_text(self, column: int) -> str:
        """Return one column as numbers on lines of their own."""
        return "\n".join(exact(value) for value in self.table[:, column])

    def csv(self) -> bytes:
        """Return everything as CSV with a head, in UTF-8. Source: RFC 4180."""
        held = io.StringIO(newline="")
        writer = csv.writer(held)
        writer.writerow([self.row_name, *self.columns])
        writer.writerows(self._rows())
        return held.getvalue().encode()

    def npz(self) -> bytes:
        """Return everything as arrays: the numbers, the index of each row, names and meaning."""
        held = io.BytesIO()
        values: npt.NDArray[Any] = np.asarray(self.table[:])
        arrays: dict[str, Any] = {
            self.name: values,
            self.row_name: np.arange(self.first, self.first + len(values)),
            "columns": np.array(self.columns),
            "said": np.array(self.said),
        }
        np.savez_compressed(held, **arrays)
        return held.getvalue()

    def _rows(self) -> Iterator[Sequence[str]]:
        for place in range(len(self.table)):
            yield [str(self.first + place), *(exact(value) for value in self.table[place])]
