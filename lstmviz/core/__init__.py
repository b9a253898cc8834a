"""Plain data and rules; numpy and the standard library only."""
