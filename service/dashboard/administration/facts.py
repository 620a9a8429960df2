"""What the page of administration shows, as read: its input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from service.auth.roles import Role
from service.contracts.access.links import SharedLinkShown
from service.queries.upkeep.dead_letters import DeadLetter


class Settled(NamedTuple):
    """What this instance keeps, and how long people stay signed in; only its environment can change these."""

    delivery_retention: timedelta
    token_event_retention: timedelta
    session_lifetime: timedelta
    session_idle: timedelta


@dataclass(frozen=True, slots=True)
class AdministrationFacts:
    """Rows as queries return them. An auditor gets members and acts only."""

    role: Role
    organization_id: int
    settled: Settled
    members: Sequence[Mapping[str, Any]] = ()
    acts: Sequence[Mapping[str, Any]] = ()
    rules: Sequence[Mapping[str, Any]] = ()
    keys: Sequence[Mapping[str, Any]] = ()
    links: Sequence[SharedLinkShown] = ()
    letters: Sequence[DeadLetter] = ()
    has_labels: bool = False
