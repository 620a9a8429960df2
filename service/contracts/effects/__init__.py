"""JSON of effects: what use, prompts and models do, and how often work is reworked."""
