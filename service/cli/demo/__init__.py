"""`shipledger demo` and `shipledger simulate`: a simulated company."""
