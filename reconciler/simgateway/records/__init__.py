"""Records: all that was said, and saying it again."""
