"""The module's own call: its input, its state, its dtypes, its device, its kernel."""
