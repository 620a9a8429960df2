"""One pull request: what it cost, how sure that is, its life, and what it was spent on."""
