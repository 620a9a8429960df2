"""The view that an address describes: read it, and build the addresses of others from it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import quote, urlencode

from schema.errors import BadInputError
from service.contracts.reconciliation import CostKind
from service.dashboard.view.periods import COMPARISONS, DEFAULT_PERIOD, Period, read_period

# What limits a page to a part of the organization.
FILTERS: Final = ("team", "repository", "model", "provider", "workflow", "prompt", "feature", "region")
# In the order in which an address holds them, with their defaults.
DEFAULTS: Final[Mapping[str, str]] = {
    "period": DEFAULT_PERIOD,
    "compare": "before",
    **dict.fromkeys(FILTERS, ""),
    "unit": "usd",
    "price": "list",
    "state": "merged",
    "sort": "",
    "q": "",
    "page": "1",
    "done": "",
}
CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "compare": COMPARISONS,
    "unit": ("usd", "tokens"),
    "price": ("list", "effective", "billed"),
    "state": ("merged", "open", "abandoned"),
}
# What a link to another page keeps.
CARRIED: Final = ("period", "compare", "team")
LONGEST = 300
MOST_PAGES = 40
PAGES: Final = frozenset(map(str, range(1, MOST_PAGES + 1)))


@dataclass(frozen=True, slots=True)
class View:
    """An address, understood: `path` has no suffix, `values` holds only what differs from the defaults.

    `own_team` is the team of who may see no other.
    """

    path: str
    today: date
    period: Period
    values: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = tuple(DEFAULTS)
    own_team: str = ""

    def value(self, name: str) -> str:
        """Return a parameter, or its default."""
        return self.values.get(name, DEFAULTS[name])

    @property
    def team(self) -> str:
        """The name of the team, empty for all."""
        return self.value("team")

    @property
    def is_in_tokens(self) -> bool:
        """Whether charts show tokens and not dollars."""
        return self.value("unit") == "tokens"

    @property
    def page(self) -> int:
        """Which page of a list is shown, from 1."""
        return int(self.value("page"))

    @property
    def price(self) -> CostKind:
        """Which price dollars are at: list, effective or billed."""
        return self.value("price")  # type: ignore[return-value]  # read_view checks it

    @property
    def price_name(self) -> str:
        """The price within a sentence."""
        return {"list": "list price", "effective": "effective price", "billed": "as billed"}[self.price]

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: self.values[name] for name in FILTERS if name in self.values}

    @property
    def address(self) -> str:
        """The address of this view."""
        return address(self.path, self.values)

    def at(self, path: str | None = None, **changes: str) -> str:
        """Return the address of this view with other parameters, from its first page; an empty value leaves one out."""
        values = {**self.values, "page": "", **changes}
        return address(self.path if path is None else path, values)

    def export(self, suffix: str) -> str:
        """Return the address of the same view as `csv` or `json`."""
        return self.at(f"{'/overview' if self.path == '/' else self.path}.{suffix}")

    def lead(self, path: str) -> str:
        """Return the address of a page about one thing: as `carry`, and at the same price."""
        return self.carry(path, price=self.value("price"))

    def carry(self, path: str, **more: str) -> str:
        """Return the address of another page, for the same period, comparison and team."""
        return address(path, {**{name: self.values[name] for name in CARRIED if name in self.values}, **more})


def address(path: str, values: Mapping[str, str]) -> str:
    """Return a path and its parameters in their order, without defaults."""
    given = [(name, values[name]) for name in DEFAULTS if values.get(name) and values[name] != DEFAULTS[name]]
    return f"{path}?{urlencode(given, safe=':/', quote_via=quote)}" if given else path


def path_text(name: str) -> str:
    """Return a name as a part of a path."""
    return quote(name, safe="")


def read_view(
    path: str,
    query: Iterable[tuple[str, str]],
    allowed: Sequence[str],
    today: date,
    choices: Mapping[str, Sequence[str]] = CHOICES,
    kept: Sequence[str] = (),
) -> View:
    """Read the parameters of a page that takes `allowed` ones; `choices` are values of those that take only some.

    Parameters that are `kept` are only handed on to other pages. Raises BadInputError that names what is allowed.
    """
    given = list(query)
    for name, times in Counter(name for name, _ in given).items():
        if name not in allowed and name not in kept:
            raise BadInputError(_unknown(name, allowed), field=name[:LONGEST])
        if times > 1:
            raise BadInputError("must be given only once", field=name)
    values = dict(given)
    for name, value in values.items():
        _check(name, value, {**CHOICES, **choices})
    differing = {name: value for name, value in values.items() if value != DEFAULTS[name]}
    compare = values.get("compare", "before")
    period = read_period(values.get("period", DEFAULT_PERIOD), compare, today)
    return View(path, today, period, differing, tuple(allowed))


def _unknown(name: str, allowed: Sequence[str]) -> str:
    what = "does not apply to this page" if name in DEFAULTS else "is not a parameter of this page"
    return f"{what}; use {', '.join(allowed)}" if allowed else f"{what}, which takes none"


def _check(name: str, value: str, choices: Mapping[str, Sequence[str]]) -> None:
    if not value or "\0" in value or len(value) > LONGEST:
        raise BadInputError("must have a value, or be left out", field=name)
    if name == "page" and value not in PAGES:
        raise BadInputError(f"must be a number from 1 to {MOST_PAGES}", field=name)
    if name in choices and value not in choices[name]:
        raise BadInputError(f"must be one of {', '.join(choices[name])}", field=name)
