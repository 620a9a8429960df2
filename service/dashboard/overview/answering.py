"""The sentence that opens the overview, and why. Pure."""

from service.dashboard.components.figures import Answer
from service.dashboard.components.view_bar import scope_text
from service.dashboard.numbers.days import full_day_text
from service.dashboard.numbers.units import MINUS, percent_text, usd_text
from service.dashboard.overview.facts import OverviewFacts
from service.dashboard.overview.sums import Sums
from service.dashboard.view.view import View
from vocabulary.causes.words import named_causes, words_of

# From this share of a rise on, work that did not ship is its headline.
NOTABLE = 0.3
MOST_CAUSES = 3
UNPRICED = "Choose the list price, or import the bills of the period."
UNSHIPPED = ("abandoned", "overhead")


def build_answer(view: View, facts: OverviewFacts, sums: Sums, not_compared: str) -> Answer:
    """Return the answer; `not_compared` is the sentence that says why there is no comparison."""
    scope = scope_text(view)
    if facts.withheld:
        return Answer(f"Figures{scope} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)])
    if sums.unfinished:
        ends = view.period.slots[-1].span.last
        later = (
            f"The first full week ends on {full_day_text(ends)}; then figures are compared and shown with intervals."
        )
        return Answer(f"{usd_text(sums.nano_usd)} spent{scope} so far this week ({sums.unfinished})", [(later, False)])
    if not sums.nano_usd and not sums.tokens:
        return Answer(f"Nothing was spent{scope} in these {view.period.name}", [(not_compared, False)])
    if not sums.nano_usd:
        return Answer(f"Nothing of what was used{scope} in these {view.period.name} has a price", [(UNPRICED, False)])
    shipped = f", {percent_text(sums.shipped)} of it on pull requests that were merged"
    what = usd_text(sums.nano_usd)
    sentence = f"{what} spent{scope} in {_one(view.period.name)}{shipped}"
    return Answer(sentence, _why(view, facts, sums) if sums.is_compared else [(not_compared, False)])


def _one(name: str) -> str:
    return f"a {name}" if name in {"day", "week", "month"} else name


def _why(view: View, facts: OverviewFacts, sums: Sums) -> list[tuple[str, bool]]:
    before = sums.nano_usd_before
    change = sums.nano_usd - before
    if not before:
        return [(f"Nothing was spent in {view.period.before_name}.", False)]
    if not change:
        return [(f"As much as in {view.period.before_name}.", False)]
    verb = "rose" if change > 0 else "fell"
    largest = max(abs(change), *(abs(each) for each in facts.causes or (0,)))
    amount = usd_text(abs(change), largest)
    why = [(f"Spend {verb} by {amount} ({percent_text(abs(change) / before)}) on {view.period.before_name}. ", False)]
    wasted = sum(sums.by_fate[fate] - sums.by_fate_before[fate] for fate in UNSHIPPED)
    if change > 0 and wasted >= NOTABLE * change:
        part = min(wasted / change, 1)
        share = "All" if part > 0.95 else "Half" if abs(part - 0.5) < 0.03 else f"{percent_text(part)}"  # noqa: PLR2004
        why += [(f"{share} of the rise, {usd_text(wasted, largest)}, is work that did not ship", True)]
        why += [(": abandoned pull requests and overhead. ", False)]
    return [*why, (_causes(facts, largest), False)]


def _causes(facts: OverviewFacts, largest: int) -> str:
    """Return the largest causes: `More requests added $211, more caching saved $90.`."""
    if facts.causes is None or not any(facts.causes):
        return ""
    said = []
    for name in named_causes(facts.causes)[:MOST_CAUSES]:
        amount = getattr(facts.causes, name)
        verb = "added" if amount > 0 else "saved"
        said.append(f"{words_of(name, amount)} {verb} {usd_text(abs(amount), largest)}")
    sentence = ", ".join(said)
    steady = "" if facts.causes.price else "; prices did not change"
    return f"{sentence[:1].upper()}{sentence[1:]}{steady}.".replace(MINUS, "")
