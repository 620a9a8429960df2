"""What a demo keeps in its data folder, so that the next run shows the same company and adds nothing twice."""

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
    """When and with which seed the company was first simulated, its connection, and whether everything was sent."""

    seed: int
    weeks: int
    ends_at: datetime
    connection_id: str = ""
    secret: str = ""
    is_sent: bool = False

    @classmethod
    def read_or_begin(cls, data: Path, now: datetime) -> Self:
        """The record of an earlier run, or a new one for a company whose last hour is the current one.

        Raises SetUpError if an earlier run stopped half-way too long ago, or if the file cannot be read.

        """
        try:
            content = json.loads((data / FILE_NAME).read_text())
            record = cls(**{**content, "ends_at": datetime.fromisoformat(content["ends_at"])})
        except FileNotFoundError:
            return cls(SEED, WEEKS, now.astimezone(UTC).replace(minute=0, second=0, microsecond=0))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise SetUpError(f"{data / FILE_NAME} cannot be read; delete {data} to start over") from error
        if not record.is_sent and now - record.ends_at > RESENDABLE:
            raise SetUpError(f"an earlier demo stopped half-way; delete {data} to start over")
        return record

    def write(self, data: Path) -> None:
        """Write it for the folder's owner alone: it holds the connection's secret."""
        path = data / FILE_NAME
        path.touch(mode=0o600)
        path.write_text(json.dumps({**asdict(self), "ends_at": self.ends_at.isoformat()}))

    def connected(self, connection_id: str, secret: str) -> "DemoRecord":
        """The record with the connection that webhooks are sent through."""
        return replace(self, connection_id=connection_id, secret=secret)

    def sent(self) -> "DemoRecord":
        """The record, marked as sent."""
        return replace(self, is_sent=True)
