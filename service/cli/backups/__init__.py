"""`shipledger backup` and `shipledger restore`."""
