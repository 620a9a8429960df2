"""`shipledger import git`: merged pull requests and releases from a local clone."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from schema.errors import BadInputError, SetUpError
from schema.identifiers import DEFAULT_HOSTS, RepositoryName, parse_repository
from service.cli.imports.bulks import import_in_bulks, send_in_bulks
from service.cli.imports.counted import counted
from service.cli.options import example, service_options
from service.cli.repositories import remember_repository
from service.cli.spending import end_import
from service.client import Client, find_address
from service.imports.git.agent_marks import read_agent_marks, session_evidence
from service.imports.git.clone import MergedWork, read_merged_work
from service.imports.git.forges import FORGES, guess_forge
from service.imports.git.history import MergedPullRequest, find_reverts
from service.imports.git.items import pull_request_item, release_item
from service.imports.git.log import History
from service.imports.git.packages import read_packages
from service.imports.git.reader import GitRepository
from service.imports.git.releases import TaggedRelease, find_releases
from service.imports.git.remotes import choose_remote, resolve_ssh_alias
from vocabulary.code_owners import rank_teams
from vocabulary.forge import Forge


@click.command("git", epilog=example("shipledger import git . --dry-run"))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--remote", help="Git remote that names the repository.  [default: origin, or what gh took as its base]")
@click.option(
    "--repository",
    metavar="HOST/OWNER/NAME",
    help="Repository on the forge.  [default: from the remote]",
)
@click.option(
    "--forge",
    type=click.Choice(["github", "gitlab"]),
    help="Kind of forge.  [default: from the host, or from merge messages]",
)
@click.option(
    "--branch",
    "branches",
    multiple=True,
    help="Branch that pull requests merge into. Repeatable.  [default: the default branch]",
)
@click.option(
    "--merge-commits-only", is_flag=True, help="Treat (#12) at the end of a title as an issue, not a pull request."
)
@click.option(
    "--code-owners", "with_owners", is_flag=True, help="Also send which teams in CODEOWNERS own the changed files."
)
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@service_options
def import_git(
    path: Path,
    remote: str | None,
    repository: str | None,
    forge: Forge | None,
    branches: tuple[str, ...],
    merge_commits_only: bool,
    with_owners: bool,
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Import merged pull requests and releases from a clone.

    Finds merge commits of GitHub and GitLab, squash merges whose title ends in (#12), what merge bots write, and tags.
    Sends numbers, branch names, commit hashes and times, sessions of agents that git-ai's notes or Entire's checkpoints
    name, and with --code-owners the handles of teams. The service stores names only as keyed hashes. Paths are never
    sent.

    """
    address = None if dry_run else find_address(url, key)
    clone = GitRepository(path)
    remote, note = (remote, None) if remote else choose_remote(clone)
    history = clone.read_history(remote, branches)
    name = repository_name(repository, clone.remote_url(remote), remote, forge)
    forge = forge or forge_of(name, history)
    work = read_merged_work(clone, history, forge, name, with_sides=not branches)
    pull_requests = [each for each in work.pull_requests if not (merge_commits_only and each.squashed)]
    packages = read_packages(clone, work.history, pull_requests, name.path.rpartition("/")[2].lower())
    releases = find_releases(work.history, pull_requests, packages)
    owners = find_owners(clone, remote, forge, branches, pull_requests) if with_owners else {}
    marks = read_agent_marks(clone, remote)
    summary = summarise(forge, name, work, pull_requests, releases)
    summary["agent_sessions"] = len({mark.session for mark in marks})
    summary["notes"] = [*([note] if note and not repository else []), *work.notes]
    if with_owners:
        summary["owned_pull_requests"] = sum(bool(teams) for teams in owners.values())
    if address:
        with Client(address) as client:
            summary["sent"] = send(client, forge, name, pull_requests, releases, owners)
            if marks:
                evidence = session_evidence(marks, str(name))
                path_of_api = "/api/v1/session-evidence"
                summary["sent"]["session_evidence"] = send_in_bulks(
                    client, path_of_api, evidence, len(marks), "agent sessions"
                )
    click.echo(json.dumps(summary) if as_json else as_text(summary))
    if address:
        remember_repository(address.url, str(name))
        end_import(address, len(pull_requests), as_json=as_json)


def repository_name(option: str | None, remote_url: str | None, remote: str, forge: Forge | None) -> RepositoryName:
    """Return the repository from --repository, else from the remote's URL; raises SetUpError if neither names one."""
    if option:
        try:
            return parse_repository(option, DEFAULT_HOSTS.get(forge or "github"))
        except BadInputError as error:
            raise SetUpError(f"--repository {error.detail}") from error
    if not remote_url:
        raise SetUpError(
            f"the clone has no remote named {remote}; name the repository: --repository github.com/owner/name"
        )
    try:
        return parse_repository(resolve_ssh_alias(remote_url))
    except BadInputError as error:
        raise SetUpError(
            f"the remote {remote} is not on a forge; name the repository: --repository github.com/owner/name"
        ) from error


def forge_of(name: RepositoryName, history: History) -> Forge:
    """Guess the forge from its host name, else from the merge messages in the history."""
    for forge in FORGES:
        if forge in name.host:
            return forge
    return guess_forge(message for mainline in history.mainlines for message in mainline.messages)


def send(
    client: Client,
    forge: Forge,
    name: RepositoryName,
    pull_requests: list[MergedPullRequest],
    releases: list[TaggedRelease],
    owners: Mapping[int, Sequence[str]],
) -> dict[str, Counter[str]]:
    """Send pull requests first, since releases name them; returns the service's counts for both."""
    reverts = find_reverts(pull_requests, name.path)
    return {
        "pull_requests": import_in_bulks(
            client,
            "/api/v1/pull-requests",
            (
                pull_request_item(forge, name, each, reverts.get(each.number, ()), owners.get(each.number, ()))
                for each in pull_requests
            ),
            len(pull_requests),
            "pull requests",
        ),
        "releases": import_in_bulks(
            client,
            "/api/v1/releases",
            (release_item(forge, name, release) for release in releases),
            len(releases),
            "releases",
        ),
    }


def find_owners(
    clone: GitRepository,
    remote: str,
    forge: Forge,
    branches: tuple[str, ...],
    pull_requests: list[MergedPullRequest],
) -> dict[int, list[str]]:
    """Return the teams that own the paths of each pull request, by its number; the team of most paths is first.

    Raises SetUpError if there is no CODEOWNERS file.
    """
    owners = clone.read_code_owners(remote, forge, branches)
    if owners is None:
        raise SetUpError("there is no CODEOWNERS file; leave out --code-owners, or name its branch with --branch")
    numbers = {each.merge.sha: each.number for each in pull_requests}
    changed = clone.read_changed_paths(numbers)
    return {numbers[sha]: rank_teams(owners, paths) for sha, paths in changed}


def summarise(
    forge: Forge,
    name: RepositoryName,
    work: MergedWork,
    pull_requests: list[MergedPullRequest],
    releases: list[TaggedRelease],
) -> dict[str, Any]:
    """Return the counts of the import."""
    squashed = sum(pull_request.squashed for pull_request in pull_requests)
    return {
        "repository": str(name),
        "forge": forge,
        "branches": [mainline.branch or "HEAD" for mainline in work.history.mainlines if not mainline.is_side],
        "pull_requests": len(pull_requests),
        "merge_commits": len(pull_requests) - squashed,
        "squash_merges": squashed,
        "mainline_commits": work.commits,
        "unnamed_commits": work.unnamed,
        "commits": sum(len(pull_request.commits) for pull_request in pull_requests),
        "releases": len(releases),
        "package_releases": sum(release.by_package_folder is not None for release in releases),
        "releases_by_folder": sum(bool(release.by_package_folder) for release in releases),
        # Releases of several packages may ship one pull request.
        "shipped_pull_requests": len({number for release in releases for number in release.pull_requests}),
    }


def as_text(summary: dict[str, Any]) -> str:
    """Format the summary as text."""
    lines = [
        f"{summary['repository']} ({summary['forge']}), merged into {', '.join(summary['branches'])}",
        f"  {counted(summary['pull_requests'], 'merged pull request')} with {counted(summary['commits'], 'commit')}",
        f"  {counted(summary['merge_commits'], 'merge commit')}, {counted(summary['squash_merges'], 'squash merge')}",
        f"  {counted(summary['releases'], 'release')} with {counted(summary['shipped_pull_requests'], 'pull request')}",
    ]
    if packages := summary["package_releases"]:
        by_folder = summary["releases_by_folder"]
        lines.append(
            f"  {by_folder:,} of {packages:,} releases of packages ship only what changed the package's folder"
        )
    if sessions := summary["agent_sessions"]:
        lines.append(f"  {counted(sessions, 'session')} of agents named by notes of git-ai or checkpoints of Entire")
    if unnamed := summary["unnamed_commits"]:
        lines.append(f"  {unnamed:,} of {summary['mainline_commits']:,} mainline commits name no pull request")
    lines += [f"  note: {note}" for note in summary["notes"]]
    if "owned_pull_requests" in summary:
        lines.append(f"  {summary['owned_pull_requests']} pull requests changed files of a team in CODEOWNERS")
    lines += [
        f"  {what.replace('_', ' ')} sent: " + ", ".join(f"{count} {name}" for name, count in counts.items())
        for what, counts in summary.get("sent", {}).items()
    ]
    return "\n".join(lines if "sent" in summary else [*lines, "  nothing was sent (--dry-run)"])
