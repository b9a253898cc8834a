"""Scenarios in the window; loaded when the first one is chosen."""
