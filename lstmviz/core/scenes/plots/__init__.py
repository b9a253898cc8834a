"""Quantities over time: their tables, scales, colours, and how they fit the pixels."""
