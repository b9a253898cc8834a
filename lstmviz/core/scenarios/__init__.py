"""Small real uses of LSTMs: what a scenario is made of, and in `catalogue` each of them."""
