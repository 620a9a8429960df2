"""What arrived, written to the database in one transaction."""
