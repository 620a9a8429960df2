"""Whether an author is a bot, by what forges say of accounts. The name is read in memory only."""

import re

# Apps that open pull requests with ordinary accounts, and service accounts as forges name them.
_KNOWN = frozenset(
    {
        *("dependabot", "dependabot-preview", "renovate", "renovate-bot", "greenkeeper", "greenkeeperio-bot"),
        *("pyup-bot", "snyk-bot", "mergify", "allcontributors", "imgbot", "github-actions", "pre-commit-ci", "depfu"),
        *("whitesource", "release-please", "semantic-release-bot", "weblate", "transifex-integration", "crowdin-bot"),
        *("codecov-io", "gitlab-bot", "gitlab-dependency-update-bot", "gitlab-release-tools-bot"),
    }
)
# GitHub: name[bot]. GitLab: access tokens of projects and groups act as project_12_bot_<hash> and group_12_bot.
_NAMED = re.compile(r"\[bot\]$|^(?:project|group)_\d+_bot(?:_[0-9a-z]+)?$|^service_account_group_\d+_", re.IGNORECASE)


def is_bot(login: str | None, account_type: str | None = None) -> bool | None:
    """Return whether an account is a bot; None without an account."""
    if account_type is not None and account_type.lower() in {"bot", "service_user", "project_bot"}:
        return True
    if not login:
        return None
    return login.lower() in _KNOWN or _NAMED.search(login) is not None
