"""The one door for what forges say: facts, how they are recorded, and what changes because of them."""
