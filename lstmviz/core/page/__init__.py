"""What a page of a run is made of: its numbers, facts, words and colours."""
