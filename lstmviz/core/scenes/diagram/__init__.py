"""The diagram of shapes as geometry: boxes, layers, arrows and labels."""
