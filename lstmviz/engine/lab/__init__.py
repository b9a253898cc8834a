"""Mistakes run for real, in a process of their own that may die."""
