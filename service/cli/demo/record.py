"""What a demo remembers in its data folder, so that a later run shows the same company and adds nothing twice."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from schema.errors import SetUpError

FILE_NAME = "demo.json"
SEED = 1
WEEKS = 8
# Repeats are recognised by rows that are kept for three days; after that a half-sent demo must not be sent again.
RESENDABLE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class DemoRecord:
    """When and with which seed the company was first simulated, its connection, and whether all of it was sent."""

    seed: int
    weeks: int
    ends_at: datetime
    connection_id: str = ""
    secret: str = ""
    is_sent: bool = False

    @classmethod
    def read_or_begin(cls, data: Path, now: datetime) -> Self:
        """The record of an earlier run, or a new one of a company whose last hour is now.

        Raises SetUpError when an earlier run stopped half-way too long ago, or the file is not readable.
        """
        try:
            content = json.loads((data / FILE_NAME).read_text())
            record = cls(**{**content, "ends_at": datetime.fromisoformat(content["ends_at"])})
        except FileNotFoundError:
            return cls(SEED, WEEKS, now.astimezone(UTC).replace(minute=0, second=0, microsecond=0))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise SetUpError(f"{data / FILE_NAME} cannot be read; remove {data} to begin anew") from error
        if not record.is_sent and now - record.ends_at > RESENDABLE:
            raise SetUpError(f"an earlier demo stopped half-way; remove {data} to begin anew")
        return record

    def write(self, data: Path) -> None:
        """Keep it, for the folder's owner alone: it holds the connection's secret."""
        path = data / FILE_NAME
        path.touch(mode=0o600)
        path.write_text(json.dumps({**asdict(self), "ends_at": self.ends_at.isoformat()}))

    def connected(self, connection_id: str, secret: str) -> "DemoRecord":
        """With the connection that the webhooks are sent through."""
        return replace(self, connection_id=connection_id, secret=secret)

    def sent(self) -> "DemoRecord":
        """Marked as sent whole."""
        return replace(self, is_sent=True)
