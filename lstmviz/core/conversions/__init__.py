"""The weights of an LSTM in the layouts of other frameworks, and in PyTorch's."""

from lstmviz.core.conversions.layouts import LAYOUTS, WeightLayout, layout_named, markdown_table
from lstmviz.core.conversions.reading import LayoutReading, fitting, read_arrays
from lstmviz.core.conversions.stack import ConversionError, DirectionWeights, Stack

__all__ = [
    "LAYOUTS",
    "ConversionError",
    "DirectionWeights",
    "LayoutReading",
    "Stack",
    "WeightLayout",
    "fitting",
    "layout_named",
    "markdown_table",
    "read_arrays",
]
