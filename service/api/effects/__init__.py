"""What use, models and prompts do to shipping."""
