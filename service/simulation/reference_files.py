"""Files of the true attribution in the format of the reference set: two gzipped CSV files.

The same truth gives the same bytes.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from service.simulation.truth import PullRequestTruth, TeamTruth, TokenEvent

TOKEN_EVENTS, PULL_REQUESTS = "token_events.csv.gz", "pull_requests.csv.gz"
TOKEN_EVENT_COLUMNS = ("team", "hour", "session", "link_rank", "repository", "pull_request", "tokens")
PULL_REQUEST_COLUMNS = (
    *("team", "pull_request", "repository", "opened_hour", "closed_hour", "merged"),
    *("changed_lines", "commit_hours", "tokens"),
)
# Written only for worlds in which a link can be stale, or a pull request a bot's.
STALE_COLUMNS = ("stale", "stamp")
BOT_COLUMNS = ("bot",)


def write_reference(folder: Path, teams: Iterable[TeamTruth]) -> None:
    """Write both files into the folder, and create it if it is missing; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    known = list(teams)
    events = (_token_event(team.team, event) for team in known for event in team.token_events)
    has_stale = any(event.stale for team in known for event in team.token_events)
    _write(folder / TOKEN_EVENTS, (*TOKEN_EVENT_COLUMNS, *(STALE_COLUMNS if has_stale else ())), events)
    pull_requests = (_pull_request(team.team, each) for team in known for each in team.pull_requests)
    has_bots = any(each.is_bot for team in known for each in team.pull_requests)
    _write(folder / PULL_REQUESTS, (*PULL_REQUEST_COLUMNS, *(BOT_COLUMNS if has_bots else ())), pull_requests)


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(row[: len(columns)] for row in rows)
    # mtime=0 leaves out the time of writing, so that the same truth gives the same bytes.
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def _token_event(team: int, event: TokenEvent) -> tuple[object, ...]:
    """Return the columns of a token event; the CSV writer turns None into an empty field."""
    return (
        *(team, event.hour, event.session, event.link_rank, event.repository, event.pull_request, event.tokens),
        *(int(event.stale), event.stamp),
    )


def _pull_request(team: int, known: PullRequestTruth) -> tuple[object, ...]:
    return (
        *(team, known.pull_request, known.repository, known.opened_hour, known.closed_hour, int(known.merged)),
        *(known.changed_lines, " ".join(map(str, known.commit_hours)), known.tokens),
        int(known.is_bot),
    )
