"""SQL that the endpoints ask and tell, one file a question."""
