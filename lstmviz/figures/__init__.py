"""Figures for paper and slides: drawn from a run with matplotlib, without a window."""
