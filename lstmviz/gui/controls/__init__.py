"""Fields that show one setting and ask for it to change."""
