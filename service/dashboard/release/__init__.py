"""One release: what it cost, what it ships, its dearest pull requests, and what came back."""
