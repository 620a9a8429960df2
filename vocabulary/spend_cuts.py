"""The dimensions by which spend is cut, and what is summed. Workers write the sums, the service reads them."""

from itertools import combinations
from typing import Final

from vocabulary.tokens import TOKEN_KINDS

# A team or repository that is split further owns its sums: of many, a query reads only those on its page.
OWNERS: Final = ("team", "repository")
SHARED: Final = ("model", "provider", "workflow", "feature", "fate", "evidence", "context_tier", "prompt_version")
DIMENSIONS: Final = (*OWNERS, *SHARED)
COSTS: Final = ("list_nano_usd", "effective_nano_usd", "billed_nano_usd")
# How often a merged pull request was reworked, 0 or 1 for the last two.
REWORK: Final = ("pushes_after_opening", "review_rounds", "reverted", "fix_released")
COUNTS: Final = ("requests", "failed_requests", "timed_requests", "duration_ms")
MEASURES: Final = (*TOKEN_KINDS, *COSTS, *COUNTS)
# Sums are kept by these dimensions, in the order of DIMENSIONS.
CUTS: Final = ((), *((each,) for each in DIMENSIONS), *combinations(DIMENSIONS, 2))
# Besides, the models that each team used, owned by their provider, because a change of spend is explained by them.
OF_MODELS: Final = ("provider", "team", "model")

# Sums without an owner, and those of models, are also kept from the first day of a month to each day with spend, and of
# a year to each month with spend, so that any period is the difference of a few.
TO_DATE: Final = ("month_to_date", "year_to_date")

# Merged pull requests are summed by these, in the order of DIMENSIONS; only the first three are their own, the others
# split their tokens.
OF_MERGED: Final = ("team", "repository", "feature", "model", "workflow", "evidence")
OWN_OF_MERGED: Final = OF_MERGED[:3]
MERGED_CUTS: Final = tuple(cut for cut in CUTS if set(cut) <= set(OF_MERGED))


def cut_name(dimensions: tuple[str, ...]) -> str:
    """Return the value of `spend_cut.cut` for dimensions in the order of DIMENSIONS."""
    return ",".join(dimensions)
