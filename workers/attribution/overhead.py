"""Which part of the tokens is exploration, that no pull request earned, told by the sessions that are linked."""

# What is assumed until the linked sessions of an organization tell enough.
DEFAULT_SHARE = 0.20
# Fewer linked tokens or sessions than this tell nothing.
MINIMUM_WINDOWS = 200


def exploratory_share(linked_exploration: int, linked_total: int, linked_windows: int) -> float:
    """The share, 0 to 1, of linked tokens that were exploration; the default where fewer than enough are linked."""
    if linked_windows < MINIMUM_WINDOWS or linked_total <= 0:
        return DEFAULT_SHARE
    return linked_exploration / linked_total
