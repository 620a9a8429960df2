"""The figures of the overview and how far to trust them. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeAlias
from urllib.parse import urlencode

from service.dashboard.components.figures import Figure, Line, Trust
from service.dashboard.numbers.sureness import Shown, figure, nothing, unfinished, withheld
from service.dashboard.numbers.units import (
    change_text,
    count_text,
    exact_text,
    exact_usd_text,
    percent_text,
    points_text,
    usd_text,
)
from service.dashboard.overview.sums import Sums
from service.dashboard.view.view import View
from service.queries.spend.merged_sums import MergedSum

DEFINITIONS = {
    "Total spend": "All tokens received in the period: merged, in flight, abandoned and overhead.",
    "Dollars per merged pull request": (
        "Everything ever spent on the pull requests merged in the period, divided by their number."
    ),
    "Tokens per merged pull request": (
        "All tokens ever attributed to the pull requests merged in the period, divided by their number."
    ),
    "Pull requests merged": "Merged in the period. Fully loaded: all spend of the period divided by them.",
    "Shipped share of spend": (
        "Spend on merged pull requests divided by all spend. With in flight, abandoned and overhead it makes 100 %."
    ),
}
DIRECT = ("artifact", "commit", "branch")
DAYS_OF_MONTH = 365.25 / 12
PACE_WEEKS = 4
Amount: TypeAlias = Callable[[MergedSum], int]


def build_strip(view: View, sums: Sums, reason: str, pace: int | None) -> list[Figure]:
    """Return the five figures; with a `reason` all are withheld. `pace` is the nano-USD of the last four weeks."""
    before = view.period.before_name if sums.is_compared else ""
    per = _per(sums)
    shown = {
        "Total spend": (_total(sums), _total_lines(sums, before, pace)),
        "Dollars per merged pull request": (
            _ratio(sums, sums.merged.nano_usd, usd_text),
            _change(*per(lambda each: each.nano_usd), before),
        ),
        "Tokens per merged pull request": (
            _ratio(sums, sums.merged.tokens, count_text),
            _change(*per(lambda each: each.tokens), before),
        ),
        "Pull requests merged": (
            _in_progress(
                sums, Shown(count_text(sums.merged.pull_requests), exact=exact_text(sums.merged.pull_requests))
            ),
            _merged_lines(sums, before),
        ),
        "Shipped share of spend": (_shipped(sums), _shipped_lines(sums)),
    }
    basis = f"{view.period.shown}, UTC days. {view.price_name.capitalize()}."
    return [
        Figure(
            name,
            withheld(reason) if reason else value,
            DEFINITIONS[name],
            basis,
            _request(view, name),
            [] if reason else [line for line in lines if line.strong or line.text],
        )
        for name, (value, lines) in shown.items()
    ]


def build_trust(
    sums: Sums, linked: dict[str, int], heard: Trust, billed: tuple[int, int], *, is_settled: bool
) -> list[Trust]:
    """Return the trust strip."""
    items = [heard]
    charged, covered = billed
    if charged > 0:
        items.append(Trust("Telemetry saw", percent_text(min(covered / charged, 1)), "of the bill"))
    attributed = sum(tokens for kind, tokens in linked.items() if kind != "overhead")
    if attributed:
        share = sum(linked.get(kind, 0) for kind in DIRECT) / attributed
        items.append(Trust("", percent_text(share), "linked to pull requests directly"))
    if sums.received is not None and is_settled:
        items.append(Trust("Ledger difference", exact_text(sums.received - sums.tokens)))
    elif not is_settled:
        items.append(Trust("", "Some days are not settled yet", "and may still change", "off"))
    return items


def _per(sums: Sums) -> Callable[[Amount], tuple[float, float]]:
    def divided(amount: Amount) -> tuple[float, float]:
        now, before = sums.merged, sums.merged_before
        return (
            amount(now) / now.pull_requests if now.pull_requests else 0,
            amount(before) / before.pull_requests if before.pull_requests else 0,
        )

    return divided


def _total(sums: Sums) -> Shown:
    if not sums.nano_usd and sums.tokens:
        return nothing("nothing of it was billed or priced")
    return _in_progress(sums, Shown(usd_text(sums.nano_usd), exact=exact_usd_text(sums.nano_usd)))


def _in_progress(sums: Sums, shown: Shown) -> Shown:
    return unfinished(shown.text, sums.unfinished) if sums.unfinished else shown


def _total_lines(sums: Sums, before: str, pace: int | None) -> list[Line]:
    lines = [_against(change_text(sums.nano_usd, sums.nano_usd_before), before)]
    if pace:
        monthly = pace / (PACE_WEEKS * 7) * DAYS_OF_MONTH
        lines.append(Line("", f"{usd_text(monthly)} a month at the pace of the last 4 weeks"))
    return lines


def _ratio(sums: Sums, amount: int, text: Callable[[float], str]) -> Shown:
    merged, evidence = sums.merged, sums.evidence
    if not merged.pull_requests:
        return nothing("no pull request was merged")
    if not amount:
        return nothing(f"{exact_text(merged.pull_requests)} merged without any tokens")
    value = amount / merged.pull_requests
    if sums.unfinished:
        return unfinished(text(value), sums.unfinished)
    if not evidence.tokens:
        return Shown(text(value))
    low = high = None
    if evidence.interval is not None:
        low, high = (value * end / evidence.tokens for end in evidence.interval)
    return figure(value, low, high, evidence.share, text, pull_requests=merged.pull_requests)


def _merged_lines(sums: Sums, before: str) -> list[Line]:
    merged = sums.merged.pull_requests
    lines = [_against(change_text(merged, sums.merged_before.pull_requests), before)]
    if merged:
        lines.append(Line("", f"{usd_text(sums.nano_usd / merged)} each, fully loaded"))
    return lines


def _shipped(sums: Sums) -> Shown:
    if not sums.nano_usd:
        return nothing("nothing was spent")
    return _in_progress(sums, Shown(percent_text(sums.shipped)))


def _shipped_lines(sums: Sums) -> list[Line]:
    lines = []
    if sums.is_compared and sums.nano_usd_before:
        lines.append(Line(points_text(sums.shipped, sums.shipped_before)))
    if sums.releases:
        lines.append(Line("", sums.releases))
    return lines


def _change(now: float, then: float, before: str) -> list[Line]:
    return [_against(change_text(now, then), before)] if now else []


def _against(change: str, before: str) -> Line:
    return Line(change, f"on {before}") if change and before else Line("")


def _request(view: View, name: str) -> str:
    period = view.period
    query = {"from": str(period.span.first), "to": str(period.span.last)}
    if view.team:
        query["team"] = view.team
    if name in {"Total spend", "Shipped share of spend"}:
        grouped = {"group_by": "fate"} if name == "Shipped share of spend" else {}
        compare = {"before": "previous", "year": "year"}.get(view.value("compare"))
        return _address(
            "spend", {**query, **grouped, **({"compare": compare} if compare else {}), "cost_kind": view.price}
        )
    return _address("metrics/tokens-per-pr", {**query, "bucket": "total", "cost_kind": view.price})


def _address(path: str, query: dict[str, str]) -> str:
    kept: Sequence[tuple[str, str]] = [each for each in query.items() if each != ("cost_kind", "list")]
    return f"/api/v1/{path}?{urlencode(kept)}"
