"""Data quality: whether the ledger adds up, how tokens were linked, who is heard, and what is not counted."""
