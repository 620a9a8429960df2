"""SQL for intake totals that are not yet, or only partly, in the sum of their week.

Intake does not update week sums; a worker adds the missing tokens later. Until then readers add them, so that a week
never lags behind.
"""

from vocabulary.tokens import TOKEN_KINDS

TOTAL = " + ".join(TOKEN_KINDS)
# A condition on `intake_total`; it must equal the predicate of the partial index on that table.
NOT_SUMMED = f"summed_tokens IS DISTINCT FROM {TOTAL}"
