"""What other pages show of a shared view: a badge, and the view in a frame."""
