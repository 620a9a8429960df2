"""Largest remainders in SQL: splits whole amounts over rows, so that the parts sum to the amount."""

from collections.abc import Sequence


def apportioned(source: str, amounts: Sequence[str], *, whole: Sequence[str], ties: Sequence[str]) -> str:
    """Return SQL for the rows of `source` with each amount replaced by the row's part of it.

    Rows with equal columns `whole` share an amount, which each of them holds. They have a `weight` of at least 0, and
    `weights`, its sum over them, of at least 1. Ties go to the first row by the columns `ties`. An amount may be
    negative.
    """
    shared = ", ".join(whole)
    # `%` takes the sign of the dividend, and a remainder must not be negative.
    rests = ", ".join(f"(({each}::numeric * weight) % weights + weights) % weights AS {each}_rest" for each in amounts)
    floors = ", ".join(f"div({each}::numeric * weight - {each}_rest, weights) AS {each}_floor" for each in amounts)
    ranks = ", ".join(
        f"row_number() OVER (PARTITION BY {shared} ORDER BY {each}_rest DESC, {', '.join(ties)}) AS {each}_rank,"
        f" {each} - sum({each}_floor) OVER (PARTITION BY {shared}) AS {each}_left"
        for each in amounts
    )
    parts = ", ".join(
        f"({each}_floor + CASE WHEN {each}_rank <= {each}_left THEN 1 ELSE 0 END)::bigint AS {each}_part"
        for each in amounts
    )
    return f"""(
        SELECT *, {parts} FROM (
            SELECT *, {ranks} FROM (
                SELECT *, {floors} FROM (
                    SELECT *, {rests} FROM {source} AS given) AS with_rests) AS with_floors) AS with_ranks)
    """  # noqa: S608 - names of ours
