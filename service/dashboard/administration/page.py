"""The page of administration, from facts to what its template shows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.auth.roles import Role
from service.dashboard.administration.facts import AdministrationFacts, Settled
from service.dashboard.administration.lists import (
    ActRow,
    KeyRow,
    LetterRow,
    LinkRow,
    MemberRow,
    RuleRow,
    act_rows,
    ends_soon,
    key_rows,
    letter_rows,
    link_rows,
    member_rows,
    rule_rows,
)
from service.dashboard.components.figures import Answer, Export, Figure, Line, Notice
from service.dashboard.numbers.days import ago_text
from service.dashboard.numbers.sureness import Shown
from service.dashboard.numbers.units import exact_text

# Rows of a table; commands list more.
MOST_ROWS: Final = 50
LIFETIMES: Final = {"30": "30 days", "90": "90 days", "365": "a year", "never": "until it is revoked"}
SCOPES: Final = {
    "intake": "send telemetry and imports",
    "read": "read figures",
    "audit": "read the audit log and the members",
    "admin": "change settings",
    "owner": "everything",
}
DONE: Final = {
    "rule-set": "The sign-in rule is set, and all members were signed out.",
    "rule-deleted": "The sign-in rule is deleted, and all members were signed out.",
    "member-changed": "The role is changed, and the member was signed out.",
    "member-removed": "The member is removed, and can sign in no more.",
    "key-revoked": "The key is revoked. It stops working within 5 seconds.",
    "link-revoked": "The link is revoked, also for who opened it.",
    "handed-back": "Workers try again now. What fails once more comes back to this list.",
    "nothing-handed-back": "Nothing could be handed back: the list is empty, or its data is deleted.",
    "labels-on": "Names are stored and shown from now on; workers fetch those of earlier work.",
    "labels-off": "Names are off, and all that were stored are deleted.",
}


@dataclass(frozen=True, slots=True)
class AdministrationPage:
    """All values that the template shows; an auditor sees people and acts only."""

    answer: Answer
    notice: Notice | None
    strip: list[Figure]
    is_admin: bool
    members: list[MemberRow]
    roles: list[str]
    rules: list[RuleRow]
    keys: list[KeyRow]
    scopes: list[tuple[str, str]]
    lifetimes: list[tuple[str, str]]
    links: list[LinkRow]
    letters: list[LetterRow]
    acts: list[ActRow]
    has_labels: bool
    settled: list[tuple[str, str, str]]
    erase: str
    more: dict[str, int]
    export: Export


def build_administration(facts: AdministrationFacts, done: str, now: datetime) -> AdministrationPage:
    """Build the page; `done` is the act that led here, or empty."""
    members = member_rows(facts.members, facts.role, now)
    keys, links = key_rows(facts.keys, facts.role, now), link_rows(facts.links, now)
    letters = letter_rows(facts.letters, now)
    is_admin = facts.role.includes(Role.ADMIN)
    lists: dict[str, Sequence[object]] = {"members": members, "keys": keys, "links": links, "letters": letters}
    may_grant = [role.value for role in Role if facts.role.includes(role)]
    return AdministrationPage(
        answer=_answer(facts, members, keys, links, letters, now),
        notice=Notice("Done.", DONE[done], is_plain=True) if done else None,
        strip=_strip(facts, members, keys, links, now),
        is_admin=is_admin,
        members=members[:MOST_ROWS],
        roles=may_grant,
        rules=rule_rows(facts.rules, facts.role),
        keys=keys[:MOST_ROWS],
        scopes=[(name, text) for name, text in SCOPES.items() if name != "owner" or facts.role is Role.OWNER],
        lifetimes=list(LIFETIMES.items()),
        links=links[:MOST_ROWS],
        letters=letters[:MOST_ROWS],
        acts=act_rows(facts.acts[:MOST_ROWS]),
        has_labels=facts.has_labels,
        settled=_settled(facts.settled),
        erase=f"shipledger organization erase {facts.organization_id} --dry-run",
        more={name: max(0, len(rows) - MOST_ROWS) for name, rows in lists.items()},
        export=_export(facts),
    )


def _answer(
    facts: AdministrationFacts,
    members: list[MemberRow],
    keys: list[KeyRow],
    links: list[LinkRow],
    letters: list[LetterRow],
    now: datetime,
) -> Answer:
    people = _number(sum(not row.is_removed for row in members), "person", "people")
    why: list[tuple[str, bool]] = []
    if facts.acts:
        why.append((f"The last change was made {ago_text(facts.acts[0]['acted_at'], now)}. ", False))
    if letters:
        given = _number(len(letters), "row", "rows")
        why.append((f"Workers gave up on {given}; see dead letters. ", True))
    if not facts.role.includes(Role.ADMIN):
        return Answer(f"{people} may sign in", [*why, ("You see people and the audit log.", False)])
    live = sum(row.is_live for row in keys), sum(row.is_live for row in links)
    others = f"{_number(live[0], 'API key')} and {_number(live[1], 'shared link')}"
    why.append(("Who signs in by a one-time link is not a member; links are in the audit log.", False))
    return Answer(f"{people}, {others} have access" if members else f"{others} have access", why)


def _number(number: int, one: str, many: str = "") -> str:
    return f"{exact_text(number)} {one if number == 1 else many or f'{one}s'}"


def _strip(
    facts: AdministrationFacts, members: list[MemberRow], keys: list[KeyRow], links: list[LinkRow], now: datetime
) -> list[Figure]:
    basis = "Now."
    may = sum(not row.is_removed for row in members)
    removed = len(members) - may
    people = Figure(
        "People who may sign in",
        Shown(exact_text(may)),
        "Members who signed in through an identity provider and were not removed.",
        basis,
        "/api/v1/members",
        [Line("", f"{removed} removed")] if removed else [],
    )
    recent = sum(row["acted_at"] > now - timedelta(days=1) for row in facts.acts)
    shown = f"{exact_text(recent)}{'+' if recent >= MOST_ROWS else ''}"
    acts = Figure(
        "Changes within a day", Shown(shown), "Entries of the audit log.", "The last 24 hours.", "/api/v1/audit"
    )
    if not facts.role.includes(Role.ADMIN):
        return [people, acts]
    soon, unused = (
        sum(ends_soon(row, now) for row in facts.keys),
        sum(k.is_live and k.used == "never used" for k in keys),
    )
    lines = [Line(str(soon), "end within 14 days")] if soon else []
    return [
        people,
        Figure(
            "API keys that work",
            Shown(exact_text(sum(row.is_live for row in keys))),
            "Keys that are neither revoked nor expired.",
            basis,
            "/api/v1/keys",
            [*lines, *([Line(str(unused), "never used")] if unused else [])],
        ),
        Figure(
            "Shared links that work",
            Shown(exact_text(sum(row.is_live for row in links))),
            "Links to one view that are neither revoked nor expired.",
            basis,
            "/api/v1/shared-links",
        ),
        Figure(
            "Dead letters",
            Shown(exact_text(len(facts.letters))),
            "Rows that workers gave up on.",
            basis,
            "/api/v1/dead-letters",
        ),
        acts,
    ]


def _settled(settled: Settled) -> list[tuple[str, str, str]]:
    return [
        ("Processed webhooks keep their encrypted body", _time(settled.delivery_retention), "DELIVERY_RETENTION"),
        ("Raw token events and session hashes are kept", _time(settled.token_event_retention), "TOKEN_EVENT_RETENTION"),
        ("A session lasts at most", _time(settled.session_lifetime), "SESSION_LIFETIME"),
        ("A session ends without a request after", _time(settled.session_idle), "SESSION_IDLE"),
    ]


def _time(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    if hours >= 48 and hours % 24 == 0:  # noqa: PLR2004 - two days
        return f"{hours / 24:.0f} days"
    return f"{hours:g} hour{'s' * (hours != 1)}"


def _export(facts: AdministrationFacts) -> Export:
    columns = ("id", "acted_at", "actor", "action", "subject")
    rows = [
        (row["entry_id"], row["acted_at"].isoformat(), row["actor"], row["action"], row["subject"])
        for row in facts.acts
    ]
    return Export("audit", columns, rows)
