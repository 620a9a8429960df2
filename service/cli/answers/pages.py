"""Pages of a list as one answer, and what groups its rows share."""

from collections.abc import Mapping, Sequence
from typing import Any

# As much as somebody reads; `--json` prints every row.
MOST_ROWS = 50


def read_all(client: Any, path: str, query: Mapping[str, str], most: int | None) -> dict[str, Any]:
    """Return all pages as one, or as many as hold `most` items; `is_cut` says whether there are more."""
    answer: dict[str, Any] = client.get(path, dict(query))
    items, cursor = answer["items"], answer["next_cursor"]
    while cursor is not None and (most is None or len(items) < most):
        page = client.get(path, {**query, "cursor": cursor})
        items, cursor = items + page["items"], page["next_cursor"]
    is_cut = most is not None and (cursor is not None or len(items) > most)
    shown = {name: value for name, value in answer.items() if name != "next_cursor"}
    return {**shown, "items": items[:most], **({} if most is None else {"is_cut": is_cut})}


def group_heads(items: Sequence[Mapping[str, Any]], group_by: str | None) -> list[str]:
    """Return the heads of the columns that say what a row is about: its period, if there are several, and its group."""
    starts = {item["period_start"] for item in items}
    return [*(["from"] if len(starts) > 1 else []), *([group_by.replace("_", " ")] if group_by else [])]


def group_cells(item: Mapping[str, Any], heads: Sequence[str], group_by: str | None) -> list[str]:
    """Return the cells below these heads."""
    from service.cli.figures import short_name  # noqa: PLC0415 - only when a table is shown

    period = [item["period_start"]] if "from" in heads else []
    return [*period, *([short_name(item[group_by] or "(none)")] if group_by else [])]


def notes(answer: Mapping[str, Any]) -> list[str]:
    """Return what to know about the rows."""
    reasons = sorted({item["withheld_reason"] for item in answer["items"] if item.get("withheld_reason")})
    lines = [f"withheld: {reason}" for reason in reasons]
    if answer["is_cut"]:
        lines.append(f"The first {MOST_ROWS} rows; --json prints all.")
    if not answer.get("settled", True):
        lines.append("Some days are still being settled; their figures will change.")
    return ["", *lines] if lines else []
