"""Checkpoints: names and sizes of parameters against those of a model."""
