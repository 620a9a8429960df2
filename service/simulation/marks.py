"""Labels and reverts of a simulated company, which its pages show: drawn from what it is, so that nothing else changes.

Pure. A pull request has the label of its subject, and some later one takes a merged one back.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from service.simulation.company import Company, PullRequest

# Features by the words of branches, which have a label each.
FEATURES: Final = {
    "search": ("search", "exports"),
    "payments": ("refunds", "invoices"),
    "platform": ("limits", "alerts"),
}
# Of so many merged pull requests one is taken back, by the next one that opens within this time.
ONE_IN: Final = 15
WITHIN: Final = timedelta(days=6)


def with_marks(company: Company) -> Company:
    """Return the company with labels and reverts."""
    teams = []
    for team in company.teams:
        labelled = [replace(each, labels=labels_of(each)) for each in team.pull_requests]
        taken_back = _reverts(labelled)
        marked = [replace(each, reverts=taken_back.get((each.repository.path, each.number))) for each in labelled]
        teams.append(replace(team, pull_requests=tuple(marked)))
    return replace(company, teams=tuple(teams))


def labels_of(pull_request: PullRequest) -> tuple[str, ...]:
    """Return the labels of a pull request, by the subject in the name of its branch."""
    return tuple(
        f"area/{feature}"
        for feature, nouns in FEATURES.items()
        if any(f"-{noun}-" in pull_request.branch for noun in nouns)
    )


def _reverts(pull_requests: Sequence[PullRequest]) -> dict[tuple[str, int], int]:
    """Return the numbers that are taken back, by repository and number of who does it; each does it for one."""
    by_repository = defaultdict[str, list[PullRequest]](list)
    for each in pull_requests:
        if each.merged and each.closed_at is not None:
            by_repository[each.repository.path].append(each)
    found: dict[tuple[str, int], int] = {}
    for path, merged in by_repository.items():
        ordered = sorted(merged, key=lambda each: (each.opened_at, each.number))
        for each in ordered:
            if each.number % ONE_IN or (path, each.number) in found or each.closed_at is None:
                continue
            ends = each.closed_at + WITHIN
            after = [other for other in ordered if each.closed_at < other.opened_at < ends]
            if after and (path, after[0].number) not in found:
                found[path, after[0].number] = each.number
    return found
