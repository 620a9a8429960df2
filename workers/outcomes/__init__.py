"""What became of pull requests: ended, taken back, shipped by releases. Pure."""
