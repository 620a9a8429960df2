"""Classes of pull requests by their changed lines, so that peers are alike. Pure."""

from typing import Final, NamedTuple

from service.dashboard.numbers.units import exact_text


class Size(NamedTuple):
    """A class; `most` is None for the largest."""

    name: str
    least: int
    most: int | None

    @property
    def lines(self) -> str:
        """The range in words: `100 to 399 changed lines`."""
        if self.most is None:
            return f"{exact_text(self.least)} changed lines and more"
        return f"{exact_text(self.least)} to {exact_text(self.most)} changed lines"


SIZES: Final = (
    Size("XS", 0, 9),
    Size("S", 10, 99),
    Size("M", 100, 399),
    Size("L", 400, 999),
    Size("XL", 1_000, None),
)


def size_of(changed_lines: int | None) -> Size | None:
    """Return the class of a number of changed lines; None if it is unknown."""
    if changed_lines is None:
        return None
    return next(size for size in SIZES if size.most is None or changed_lines <= size.most)
