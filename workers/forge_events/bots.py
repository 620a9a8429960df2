"""Whether an author is a bot, by what forges say of accounts. The name is read in memory only."""

import re

# Apps that open pull requests with ordinary accounts, and service accounts as forges name them.
_KNOWN = frozenset(
    {
        *("dependabot", "dependabot-preview", "renovate", "renovate-bot", "greenkeeper", "greenkeeperio-bot"),
        *("pyup-bot", "snyk-bot", "mergify", "allcontributors", "imgbot", "github-actions", "pre-commit-ci", "depfu"),
        *("whitesource", "release-please", "semantic-release-bot", "weblate", "transifex-integration", "crowdin-bot"),
        *("codecov-io", "bors", "homu", "rustbot", "miss-islington", "pytorchbot", "pytorchmergebot", "r-ryantm"),
        *("elasticmachine", "kibanamachine", "googlebot", "tensorflower-gardener", "copilot", "copilot-swe-agent"),
    }
)
# GitHub: name[bot]. GitLab: access tokens of projects and groups act as project_12_bot_<hash> and group_12_bot. Service
# accounts of companies are users named acme-bot or k8s-ci-robot; a person's name ends otherwise (abbot, talbot).
_NAMED = re.compile(
    r"\[bot\]$|^(?:project|group)_\d+_bot(?:_[0-9a-z]+)?$|^service_account_(?:(?:group|project)_\d+_|[0-9a-f]{8,}$)"
    r"|[-_.](?:ro)?bot$|^(?:app/|(?:ro)?bot[-_])",
    re.IGNORECASE,
)


def is_bot(login: str | None, account_type: str | None = None) -> bool | None:
    """Return whether an account is a bot; None without an account."""
    if account_type is not None and account_type.lower() in {"bot", "service_user", "project_bot"}:
        return True
    if not login:
        return None
    return login.lower() in _KNOWN or _NAMED.search(login) is not None
