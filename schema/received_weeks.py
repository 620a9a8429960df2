"""Which days of intake totals the sum of their week does not hold yet, or not all of.

Whoever counts tokens at the door leaves the sums alone. A worker adds to them what is missing; until then whoever reads
a sum adds it, so that no sum is ever seen that lags behind.
"""

from schema.vocabulary.tokens import TOKEN_KINDS

TOTAL = " + ".join(TOKEN_KINDS)
# As SQL of an `intake_total`, and as it stands in the index that finds them.
NOT_SUMMED = f"summed_tokens IS DISTINCT FROM {TOTAL}"
