"""Names that service and workers must read alike: models, tags, layers, token kinds. Pure."""
