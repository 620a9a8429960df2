"""`shipledger import`: one file for each source."""
