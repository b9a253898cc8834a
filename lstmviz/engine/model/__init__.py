"""A whole model as it runs: its submodules' calls, the axes of what they pass on, and its LSTMs."""
