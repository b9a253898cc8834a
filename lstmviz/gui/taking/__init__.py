"""Numbers and pictures that are taken from where they are seen."""
