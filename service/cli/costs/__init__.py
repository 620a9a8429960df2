"""`shipledger prices` and `shipledger overhead`: what an organization pays beside list prices."""
