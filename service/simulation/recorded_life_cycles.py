"""Life cycles from a real repository's history: the times of commits and merges."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from schema.errors import BadInputError
from service.simulation.draws import Draws
from service.simulation.life_cycles import Circumstances, LifeCycle, finish

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Recording:
    """Times of one pull request's commits and merge, in the local time of its first commit."""

    commits: tuple[datetime, ...]
    merged_at: datetime


class RecordedLifeCycles:
    """Draws recordings and shifts them to the week and zone of a pull request."""

    def __init__(self, recordings: list[Recording]) -> None:
        self._recordings = recordings

    def draw(self, draws: Draws, circumstances: Circumstances) -> LifeCycle:
        """Draw a life cycle that begins in the week of `circumstances.begins`, at the recorded weekday and local hour.

        The opening is not recorded, and neither is the end of an abandoned pull request; the model draws both.
        """
        recording = draws.choice(self._recordings)
        week = _monday(circumstances.begins)
        shift = week - _monday(recording.commits[0]) - timedelta(hours=circumstances.zone)
        if recording.commits[0] + shift < week:
            shift += WEEK  # Monday morning in the east is still Sunday in UTC
        commits = [commit + shift for commit in recording.commits]
        merged_at = recording.merged_at + shift
        return finish(draws, circumstances, commits, merged_at if circumstances.merged else None)


def parse_life_cycles(content: bytes) -> RecordedLifeCycles:
    """Parse `{"pull_requests": [{"merged_at": ..., "commits": [{"authored_at": ...}]}]}` with time zones.

    Ignores other fields and pull requests without commits. Raises BadInputError.
    """
    try:
        pull_requests = json.loads(content)["pull_requests"]
        recordings = [_recording(each) for each in pull_requests if each["commits"]]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        detail = "must contain pull_requests, each with merged_at, and with commits that have authored_at"
        raise BadInputError(detail, field="life-cycles") from error
    if not recordings:
        raise BadInputError("must contain at least one pull request with commits", field="life-cycles")
    return RecordedLifeCycles(recordings)


def _recording(pull_request: dict[str, Any]) -> Recording:
    commits = sorted(datetime.fromisoformat(commit["authored_at"]) for commit in pull_request["commits"])
    offset = commits[0].utcoffset()
    if offset is None:
        raise ValueError("a time has no time zone")
    # From here on, UTC stands for the local time of the first commit.
    local = [(commit + offset).astimezone(UTC) for commit in commits]
    merged_at = (datetime.fromisoformat(pull_request["merged_at"]) + offset).astimezone(UTC)
    return Recording(tuple(local), max(merged_at, local[-1]))


def _monday(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=instant.weekday())
