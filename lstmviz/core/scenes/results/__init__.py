"""What a scenario found, ready to be drawn: tables, scales, heights, packed rows."""
