"""What a run takes of time and memory, known before it is made."""
