"""What one hostile organization can do to the requests and jobs of another."""
