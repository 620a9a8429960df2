"""A list that is read page by page, in an order that its heads change. Pure."""

from typing import Final, NamedTuple

from service.dashboard.view.view import MOST_PAGES, View

ROWS: Final = 25
# A file holds what fits into one answer.
ROWS_OF_FILE: Final = 500


class Sorting(NamedTuple):
    """An order: the address of the list in it."""

    address: str
    is_current: bool


class Pages(NamedTuple):
    """Links to the earlier and later rows of a list, empty without any."""

    before: str
    before_text: str
    after: str
    after_text: str


def sortings(view: View, orders: tuple[str, ...]) -> dict[str, Sorting]:
    """Return the list's orders by name; the first is the default."""
    current = view.value("sort") or orders[0]
    return {order: Sorting(view.at(sort="" if order == orders[0] else order), order == current) for order in orders}


def build_pages(view: View, *, has_more: bool, rows: int = ROWS) -> Pages:
    """Return the links to the pages before and after this one."""
    page = view.page
    before = view.at(page=str(page - 1)) if page > 1 else ""
    after = view.at(page=str(page + 1)) if has_more and page < MOST_PAGES else ""
    return Pages(before, f"{rows} before", after, f"Next {rows}")
