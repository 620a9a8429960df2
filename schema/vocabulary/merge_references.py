"""References that forges make for a pull request, and that name it: merge queues, merge trains, trial merges."""

import re

# GitHub queues a merge as gh-readonly-queue/<base>/pr-<number>-<commit>, and shows checks of a pull request as
# pull/<number>/merge, or just <number>/merge. GitLab has merge-requests/<number>/head, merge and train.
_NAMES_ONE = re.compile(
    r"(?:refs/)?(?:heads/|remotes/)?(?:"
    r"gh-readonly-queue/.+/pr-(?P<queued>\d{1,9})-[0-9a-fA-F]{7,64}"
    r"|(?:pull/)?(?P<tried>\d{1,9})/merge|pull/(?P<pulled>\d{1,9})/head"
    r"|merge-requests/(?P<requested>\d{1,9})/(?:head|merge|train))"
)


def number_in(reference: str) -> int | None:
    """The number of the pull request that a reference or branch name names, else None: people named that branch."""
    match = _NAMES_ONE.fullmatch(reference)
    return (
        None
        if match is None
        else next((int(reported) for reported in match.groups() if reported and int(reported)), None)
    )
