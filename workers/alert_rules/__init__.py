"""What is worth an alert, and how it is said. Pure."""
