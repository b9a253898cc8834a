"""The line between the window's process and the engine's."""
