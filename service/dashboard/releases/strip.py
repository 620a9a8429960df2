"""The figures above the list of releases, and how far to trust them. Pure."""

from urllib.parse import urlencode

from service.dashboard.components.figures import Figure, Line, Trust
from service.dashboard.numbers.sureness import Shown, nothing, withheld
from service.dashboard.numbers.units import change_text, count_text, exact_text, exact_usd_text, percent_text, usd_text
from service.dashboard.releases.facts import ReleasesFacts
from service.dashboard.view.view import View

DEFINITIONS = {
    "Releases": "Published releases, prereleases and tags of the period. Tags that move are among them.",
    "Cost": (
        "Everything ever spent on what the releases of the period were the first of their family to ship, without what"
        " was reverted. A pull request that two families ship counts in both."
    ),
    "A fix followed": "Releases that a patch release followed within 14 days.",
    "Merged and waiting": "Spend of the period on merged pull requests that no release has shipped yet.",
}


def build_strip(view: View, facts: ReleasesFacts) -> list[Figure]:
    """Return the figures; withheld ones have a reason."""
    sums, before = facts.sums, facts.sums_before
    name = view.period.before_name
    shown: dict[str, tuple[Shown, list[Line]]] = {
        "Releases": (
            Shown(count_text(sums.releases), exact=exact_text(sums.releases)),
            _change(sums.releases, before.releases, name) if before else [],
        ),
        "Cost": (
            Shown(usd_text(sums.nano_usd), exact=exact_usd_text(sums.nano_usd))
            if sums.nano_usd
            else nothing("nothing was spent on what they ship"),
            _change(sums.nano_usd, before.nano_usd, name) if before else [],
        ),
        "A fix followed": (
            Shown(count_text(sums.fixed)) if sums.releases else nothing("no release in this period"),
            [Line(percent_text(sums.fixed / sums.releases), "of the releases")] if sums.releases else [],
        ),
    }
    if facts.waiting_nano_usd is not None:
        text = usd_text(facts.waiting_nano_usd) if facts.waiting_nano_usd else ""
        shown["Merged and waiting"] = (Shown(text) if text else nothing("nothing waits"), [])
    basis = f"{view.period.shown}, UTC days. {view.price_name.capitalize()}."
    return [
        Figure(
            figure,
            withheld(facts.withheld) if facts.withheld else value,
            DEFINITIONS[figure],
            basis,
            _request(view, figure),
            [] if facts.withheld else lines,
        )
        for figure, (value, lines) in shown.items()
    ]


def build_trust(facts: ReleasesFacts, heard: Trust) -> list[Trust]:
    """Return the trust strip."""
    weak = sum(not each.reliable and bool(each.tokens.total) for each in facts.shown)
    items = [heard]
    if facts.shown and not weak:
        items.append(Trust("", "All reliable", "on this page"))
    elif weak:
        items.append(
            Trust("", f"{weak} not reliable", "on this page: too few tokens are linked, or the interval is wide", "off")
        )
    if not facts.is_exact:
        items.append(Trust("", "Only the 200 dearest", "are ranked by their low end", "off"))
    return items


def _change(now: float, then: float, name: str) -> list[Line]:
    change = change_text(now, then)
    return [Line(change, f"on {name}")] if change and name else []


def _request(view: View, name: str) -> str:
    span = {"from": str(view.period.span.first), "to": str(view.period.span.last)}
    kind = {"cost_kind": view.price} if view.price != "list" else {}
    if name == "Merged and waiting":
        team = {"team": view.team} if view.team else {}
        return f"/api/v1/metrics/conversion?{urlencode({**span, **team, **kind})}"
    return f"/api/v1/releases?{urlencode({**span, **kind})}"
