"""People who signed in through an identity provider, as keyed hashes, and the rules that give them roles."""
