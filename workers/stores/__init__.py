"""SQL of the workers, one file for each kind of row."""
