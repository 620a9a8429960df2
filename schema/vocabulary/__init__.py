"""Words that service and workers must read alike: names of models, tags and layers, kinds of tokens. Pure."""
