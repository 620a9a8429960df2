"""Sending items in batches, and the sums of the service's counts."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from schema.errors import SetUpError
from service.cli.progress import progress_bar
from service.client import Client
from service.imports.git.items import in_bulks

# Pause between two polls of an import, and the longest wait for one import.
PAUSE_SECONDS = 0.1
IDLE_SECONDS = 300.0


def send_in_bulks(client: Client, path: str, items: Iterable[Struct], total: int, description: str) -> Counter[str]:
    """Post `{"items": [...]}` in batches; returns the sums of the counts in the responses."""
    receipts: Counter[str] = Counter()
    with progress_bar(description, total) as advance:
        for bulk in in_bulks(items):
            answer = client.post(path, {"items": bulk})
            receipts.update({name: count for name, count in answer.items() if isinstance(count, int)})
            advance(len(bulk))
    return receipts


def import_in_bulks(
    client: Client, path: str, items: Iterable[Struct], total: int, description: str, *, seconds: float = IDLE_SECONDS
) -> Counter[str]:
    """Post `{"items": [...]}` in batches and wait until workers have recorded them.

    Returns the numbers of received, changed and, if any, refused items. Raises SetUpError if an import fails or takes
    longer than `seconds`.
    """
    counts: Counter[str] = Counter(received=0, changed=0)
    with progress_bar(description, total) as advance:
        for import_id in [client.post(path, {"items": bulk})["import_id"] for bulk in in_bulks(items)]:
            shown = wait_for_import(client, import_id, seconds)
            counts.update(received=shown["received"], changed=shown["new"] + shown["changed"])
            if shown["refused"]:
                counts.update(refused=shown["refused"])
            advance(shown["received"])
    return counts


def wait_for_import(client: Client, import_id: str, seconds: float) -> dict[str, Any]:
    """Return the import once it is done; raises SetUpError if it fails or takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        shown: dict[str, Any] = client.get(f"/api/v1/imports/{import_id}")
        if shown["state"] == "done":
            return shown
        if shown["state"] == "failed":
            raise SetUpError(f"The import {import_id} failed. {shown['failure']}")
        if time.monotonic() > deadline:
            raise SetUpError(
                f"The import {import_id} is still {shown['state']} after {seconds:.0f} seconds. "
                "Start a worker with: shipledger worker, then run the import again; nothing counts twice."
            )
        time.sleep(PAUSE_SECONDS)
