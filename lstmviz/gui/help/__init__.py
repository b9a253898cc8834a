"""Help: short pages, opened where they are needed."""
