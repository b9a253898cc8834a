"""Plots of a trace over time."""
