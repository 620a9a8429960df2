"""Which tellings of agents, gateways and providers are of one and the same model request: pure, in any order alike."""
