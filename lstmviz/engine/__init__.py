"""Everything that touches torch; never Qt."""
