"""The weights of an LSTM in the layouts of other frameworks, and in PyTorch's."""

from lstmviz.core.conversions.layouts import LAYOUTS, Layout, layout_named, markdown_table
from lstmviz.core.conversions.reading import Reading, fitting, read_arrays
from lstmviz.core.conversions.stack import ConversionError, Direction, Stack

__all__ = [
    "LAYOUTS",
    "ConversionError",
    "Direction",
    "Layout",
    "Reading",
    "Stack",
    "fitting",
    "layout_named",
    "markdown_table",
    "read_arrays",
]
