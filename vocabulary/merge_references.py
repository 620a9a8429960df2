"""Git references that forges create for a pull request: merge queues, merge trains, trial merges."""

import re

# GitHub queues a merge as gh-readonly-queue/<base>/pr-<number>-<commit>, and shows checks of a pull request as
# pull/<number>/merge, or just <number>/merge. GitLab has merge-requests/<number>/head, merge and train.
_PULL_REQUEST = re.compile(
    r"(?:refs/)?(?:heads/|remotes/)?(?:"
    r"gh-readonly-queue/.+/pr-(?P<queued>\d{1,9})-[0-9a-fA-F]{7,64}"
    r"|(?:pull/)?(?P<tried>\d{1,9})/merge|pull/(?P<pulled>\d{1,9})/head"
    r"|merge-requests/(?P<requested>\d{1,9})/(?:head|merge|train))"
)


def number_in(reference: str) -> int | None:
    """Return the pull request number in a forge's reference or branch name; None for any other branch."""
    match = _PULL_REQUEST.fullmatch(reference)
    numbers = match.groups() if match else ()
    return next((int(number) for number in numbers if number and int(number)), None)
