"""Settings that make agents report tokens and links here, without content. Pure."""
