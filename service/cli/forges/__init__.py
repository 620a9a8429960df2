"""`shipledger github` and `shipledger gitlab`: one file for each command."""
