"""What is asked for and how it changes: sessions, what follows, and what refuses."""
