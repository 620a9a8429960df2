"""The state of a demo in its data folder, so that the next run shows the same company and sends nothing twice."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from schema.errors import SetUpError

FILE_NAME = "demo.json"
SEED = 1
WEEKS = 8
# The rows that identify repeats live for three days. After that, sending a half-sent demo again would count twice.
RESENDABLE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class DemoRecord:
    """Seed, length and end of the simulated company, its connection, and whether everything was sent."""

    seed: int
    weeks: int
    ends_at: datetime
    connection_id: str = ""
    secret: str = field(default="", repr=False)
    is_sent: bool = False

    @classmethod
    def read_or_begin(cls, data: Path, now: datetime) -> Self:
        """Read the record of an earlier run, or create one for a company that ends with the current hour.

        Raises SetUpError if an earlier run stopped half-way more than two days ago, or if the file cannot be read.

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
        """Write the record, readable only by its owner because it contains the connection's secret."""
        path = data / FILE_NAME
        path.touch(mode=0o600)
        path.write_text(json.dumps({**asdict(self), "ends_at": self.ends_at.isoformat()}))

    def connected(self, connection_id: str, secret: str) -> "DemoRecord":
        """Return the record with its webhook connection."""
        return replace(self, connection_id=connection_id, secret=secret)

    def sent(self) -> "DemoRecord":
        """Return the record marked as sent."""
        return replace(self, is_sent=True)
