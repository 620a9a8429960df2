"""Composes conditions of a query from those that apply, so that each can use an index."""

from collections.abc import Iterable

# A condition with a place for each of its values, and the values, of which the first is None if it does not apply.
Condition = tuple[str, tuple[object, ...]]


def where(conditions: Iterable[Condition], taken: int) -> tuple[str, list[object]]:
    """Return SQL that begins with AND, and its arguments, which follow the first `taken` ones."""
    text, arguments = "", list[object]()
    for condition, values in conditions:
        if values[0] is not None:
            first = taken + len(arguments) + 1
            text += " AND " + condition.format(*(f"${place}" for place in range(first, first + len(values))))
            arguments += values
    return text, arguments
