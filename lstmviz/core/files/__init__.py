"""Files that others made, read without trusting a word of them, and ours, written whole."""
