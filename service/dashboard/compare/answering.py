"""The sentence that opens a comparison: who differs from the mean, and who from before. Pure."""

from collections.abc import Sequence

from service.dashboard.compare.facts import CompareFacts, Group, sum_up
from service.dashboard.compare.lists import is_sure, short_name, shown_groups
from service.dashboard.components.figures import Answer
from service.dashboard.numbers.sureness import rough_range
from service.dashboard.numbers.units import change_text, exact_text, usd_text
from service.dashboard.view.view import View

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NAMES = {"team": ("team", "teams"), "repository": ("repository", "repositories")}
# Smaller changes are not mentioned.
NOTABLE = 0.1
LIKE_THE_MEAN = 0.05


def number_text(number: int) -> str:
    """Return a small number as a word."""
    return WORDS[number] if number < len(WORDS) else exact_text(number)


def counted(number: int, dimension: str) -> str:
    """Return a number of groups: `two teams`."""
    return f"{number_text(number)} {NAMES[dimension][number != 1]}"


def build_answer(view: View, facts: CompareFacts, not_compared: str) -> Answer:
    """Return the answer; `not_compared` is why no periods are compared, or empty."""
    one, _ = NAMES[facts.dimension]
    if facts.withheld:
        return Answer(
            f"Figures of {view.team} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)]
        )
    if not facts.groups:
        return Answer(f"Nothing was spent or merged in these {view.period.name}", [(not_compared, False)])
    mean = sum_up("All", facts.groups).each
    known = [each for each in shown_groups(facts) if each.each is not None]
    if mean is None or not known:
        return Answer(f"No {one} can be compared in these {view.period.name}", [(_hidden(facts), False)])
    return _answer(view, facts, known, mean, not_compared)


def _answer(view: View, facts: CompareFacts, known: Sequence[Group], mean: float, not_compared: str) -> Answer:
    _, many = NAMES[facts.dimension]
    sure = [each for each in known if is_sure(each)]
    said = (_past(view, sure, not_compared), _estimated(len(known) - len(sure)), _hidden(facts))
    why = [(each, False) for each in said if each]
    if facts.dimension == "team" and view.team:
        return Answer(_chosen(view, facts, known, mean), why)
    if not sure:
        return Answer(f"The {many} cannot be compared: too little is linked to pull requests directly", why)
    if len(sure) == 1:
        only = f"{_name(sure[0])}: a pull request costs {usd_text(sure[0].each or 0)}"
        return Answer(f"{only}; nothing else can be set beside it", why)
    why = [("Work differs, so read a row against its own past first. ", False), *why]
    return Answer(_sentence(sure, mean, many), why)


def furthest(known: Sequence[Group], mean: float) -> Group | None:
    """Return the group whose whole interval is furthest from the mean; None if each may be like it."""
    apart = [each for each in known if _distance(each, mean) > 1 + LIKE_THE_MEAN]
    return max(apart, key=lambda each: (_distance(each, mean), each.name), default=None)


def _distance(group: Group, mean: float) -> float:
    """Return how many times the near end of the interval is above or below the mean; 1 if it holds the mean."""
    low, high = group.ends or (group.each or 0.0, group.each or 0.0)
    if low > mean:
        return low / mean
    return mean / high if 0 < high < mean else 1.0


def _sentence(known: Sequence[Group], mean: float, many: str) -> str:
    first = furthest(known, mean)
    others = [each.each or 0.0 for each in known if each is not first]
    between = f"{usd_text(min(others))} and {usd_text(max(others))}"
    if first is None:
        return f"No {NAMES_OF[many]} differs clearly: a pull request costs between {between}"
    rest = (
        f"the other one costs {usd_text(others[0])}"
        if len(others) == 1
        else f"the other {number_text(len(others))} {many} lie between {between}"
    )
    return f"{_name(first)}: a pull request costs {_times(first, mean)}; {rest}"


def _times(group: Group, mean: float) -> str:
    ratio = (group.each or 0.0) / mean
    return "as much as the mean" if abs(ratio - 1) < LIKE_THE_MEAN else f"{ratio:.1f} times the mean"


def _chosen(view: View, facts: CompareFacts, known: Sequence[Group], mean: float) -> str:
    if view.team in facts.reasons:
        return f"{view.team} is too small to be shown beside other teams"
    chosen = next((each for each in known if each.name == view.team), None)
    if chosen is None:
        return f"{view.team} merged nothing in these {view.period.name}"
    if not is_sure(chosen):
        return f"A pull request of {view.team} costs about {rough_range(*(chosen.ends or (0.0, 0.0)))}, as an estimate"
    of_all = f"{_times(chosen, mean)} of all teams, {usd_text(mean)}"
    return f"A pull request of {view.team} costs {usd_text(chosen.each or 0)}, {of_all}"


def _past(view: View, known: Sequence[Group], not_compared: str) -> str:
    """Return who changed most against its own past."""
    if not_compared:
        return f"{not_compared} "
    changed = [each for each in known if each.each and each.each_before]
    if not changed:
        return ""
    most = max(changed, key=lambda each: (_change(each), each.name))
    if _change(most) < NOTABLE:
        return f"Each costs about as much as in {view.period.before_name}. "
    change = change_text(most.each or 0, most.each_before or 0)
    return f"{_name(most)} changed most: {change} for each pull request on {view.period.before_name}. "


def _change(group: Group) -> float:
    """Return the change as a factor of at least 1, less 1, so that a half is as much as a double."""
    ratio = (group.each or 0) / (group.each_before or 1)
    return max(ratio, 1 / ratio) - 1


def _estimated(number: int) -> str:
    if not number:
        return ""
    return f"{number_text(number).capitalize()} {'is' if number == 1 else 'are'} only estimated. "


def _hidden(facts: CompareFacts) -> str:
    number = len(facts.reasons)
    if not number:
        return ""
    said = counted(number, facts.dimension)
    are = f"{said[:1].upper()}{said[1:]}"
    return f"{are} are too small to be shown beside others; their money is in the total."


def _name(group: Group) -> str:
    return short_name(group.name)


NAMES_OF = {many: one for one, many in NAMES.values()}
