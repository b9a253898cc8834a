"""How amounts, foreign values, claims and traces are put into words, and words into numbers."""
