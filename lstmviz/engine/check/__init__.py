"""Watches a user's program as it runs, and names the silent mistakes that the run shows."""
