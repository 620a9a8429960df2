"""Numbers with their nouns."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural but for one: `1 release`, `1,200 releases`."""
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"
