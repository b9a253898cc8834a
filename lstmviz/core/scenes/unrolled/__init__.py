"""The network unrolled in time, as measures of its cells and paths between them."""
