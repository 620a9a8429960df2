"""SQL for intake totals that are not yet, or only partly, in the sums of their day and week.

Intake does not update these sums; a worker adds the missing tokens later. Until then readers add them, so that no sum
ever lags behind.
"""

from vocabulary.tokens import TOKEN_KINDS

TOTAL = " + ".join(TOKEN_KINDS)
# By kind, because a correction may move tokens from one to another.
SUMMED_KINDS = tuple(f"summed_{kind}" for kind in TOKEN_KINDS)
# A condition on `intake_total`; it must equal the predicate of the partial index on that table.
NOT_SUMMED = f"(summed_tokens, {', '.join(SUMMED_KINDS)}) IS DISTINCT FROM ({TOTAL}, {', '.join(TOKEN_KINDS)})"
