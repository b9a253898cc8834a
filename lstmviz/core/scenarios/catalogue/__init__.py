"""The scenarios: a file is a scenario, and holds it as `SCENARIO`."""
