"""Small real uses of LSTMs, one file each: sizes, turns, a tour and the claims it checks."""
