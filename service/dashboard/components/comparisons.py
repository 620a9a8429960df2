"""The four comparisons, and how to get from one to another. Pure."""

from typing import Final

from service.dashboard.components.navigation import is_there
from service.dashboard.components.view_bar import Choice
from service.dashboard.view.view import View

COMPARISONS: Final = ("team", "repository", "model", "workflow")


def comparison_choices(view: View, current: str) -> list[Choice]:
    """Return links to the four comparisons, for the same period and team; who may see one team compares no teams."""
    return [
        Choice(name.capitalize(), view.carry(f"/compare/{name}", **_price(view)), name == current)
        for name in COMPARISONS
        if is_there(f"/compare/{name}", is_limited=bool(view.own_team))
    ]


def _price(view: View) -> dict[str, str]:
    return {"price": view.values["price"]} if "price" in view.values else {}
