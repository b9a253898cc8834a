"""What a scenario found, on paper: its claims, and every result as what it is."""
