"""SQL for connections to forges and the data they deliver."""
