"""What every view draws, as plain data: for the window and for figures, without Qt."""
