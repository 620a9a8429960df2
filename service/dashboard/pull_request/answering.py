"""The sentence that opens the page of a pull request, and why. Pure."""

from statistics import median

from service.dashboard.charts.strip_plot import FEWEST
from service.dashboard.components.costs import cost_phrase, direct_share, name_of, nano_of
from service.dashboard.components.figures import Answer, Notice
from service.dashboard.numbers.units import percent_text
from service.dashboard.pull_request.facts import OneFacts
from service.dashboard.pull_request.sizes import size_of
from vocabulary.reliability import remedy_text

NOTHING_YET = "No tokens are attributed to it. Either no agent worked on it, or its sessions are not linked."


def build_answer(facts: OneFacts) -> Answer:
    """Return the answer."""
    shown = facts.shown
    name = name_of(shown.label, shown.artifact_id)
    if not shown.tokens.total and not nano_of(shown):
        return Answer(f"{name} cost nothing that was seen", [(NOTHING_YET, False)])
    ends = {"open": " so far", "abandoned": " and was closed without a merge"}.get(shown.state, "")
    if shown.outcomes.reverted_at is not None:
        ends = " and was reverted"
    why = _why_estimate(facts) if facts.is_estimate else _why(facts)
    return Answer(f"{name} cost {cost_phrase(shown)}{ends}", why)


def notices(facts: OneFacts) -> list[Notice]:
    """Return what stands above the answer."""
    found = []
    if facts.is_estimate:
        text = remedy_text(facts.shown.unreliable_because)
        found.append(
            Notice("An estimate, not a measurement.", text, "/setup#telemetry", "Link sessions", is_plain=True)
        )
    if facts.settled.waiting:
        days = facts.settled.waiting
        what = "1 day of it is" if days == 1 else f"{days} days of it are"
        found.append(Notice("Not final.", f"{what} being settled, so the figures may change.", is_plain=True))
    return found


def _why_estimate(facts: OneFacts) -> list[tuple[str, bool]]:
    share = direct_share(facts.shown)
    linked = f"Only {percent_text(share)} of these tokens are" if share else "None of these tokens is"
    rest = " The rest is split over everything the team was working on" if share else " They are split over all work"
    unknown = "" if facts.shown.interval else " How far the split may be off is not measured for this team yet."
    return [
        (f"{linked} linked to this pull request directly.", True),
        (f"{rest}, so a single number would mislead. Sums over many pull requests stay reliable.{unknown}", False),
    ]


def _why(facts: OneFacts) -> list[tuple[str, bool]]:
    why: list[tuple[str, bool]] = []
    size = size_of(facts.shown.outcomes.changed_lines)
    if size and len(facts.peers) >= FEWEST:
        why = [(_times(nano_of(facts.shown) / median(facts.peers)), True)]
        why.append((f" of {len(facts.peers)} pull requests of similar size. ", False))
    return [*why, (_shares(facts), False)]


def _times(ratio: float) -> str:
    if 0.9 < ratio < 1.1:  # noqa: PLR2004 - a tenth is no difference worth a word
        return "About the median"
    return f"{ratio:.1f} times the median" if ratio >= 1 else f"{percent_text(1 - ratio)} below the median"


def _shares(facts: OneFacts) -> str:
    shown = facts.shown
    said = []
    if len(shown.by_model) > 1 and nano_of(shown):
        dearest = max(shown.by_model, key=lambda each: float(each.cost_usd))
        said.append(f"{percent_text(float(dearest.cost_usd) / float(shown.cost_usd))} of the money is {dearest.model}")
    if shown.tokens.total and shown.tokens.cache_read:
        said.append(f"cache reads are {percent_text(shown.tokens.cache_read / shown.tokens.total)} of the tokens")
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""
