"""What each scenario runs: a file for each of `core.scenarios.catalogue`, with its `play`."""
