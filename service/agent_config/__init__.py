"""Settings that make an agent report tokens and links here, and no content. Pure: what they are, not where they go."""
