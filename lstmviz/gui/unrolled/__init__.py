"""The network unrolled in time: layers and directions as rows, steps as columns."""
