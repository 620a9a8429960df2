"""Numbers, days and certainty as people read them. Pure."""
