"""The cost of ownership: token cost, overhead beside it, and estimates of energy and carbon."""
