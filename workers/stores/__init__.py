"""SQL of the workers, a folder for each domain and a file for each kind of row."""
