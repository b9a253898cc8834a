"""The module itself: what it is built with, and what it is asked for."""
