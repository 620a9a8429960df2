"""The tables of administration: people, rules, keys, links, dead letters and acts. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from service.auth.grants import role_of
from service.auth.members.store import member_text
from service.auth.roles import Role
from service.contracts.access.links import SharedLinkShown
from service.dashboard.numbers.days import ago_text, full_day_text, instant_text
from service.queries.upkeep.dead_letters import DeadLetter

PROVIDERS: Final = {"oidc": "OpenID Connect", "github": "GitHub", "gitlab": "GitLab"}
KINDS: Final = {"group": "group", "domain": "mail domain"}
# A key that ends within this time is pointed out.
SOON: Final = timedelta(days=14)
SHORT: Final = 11
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class MemberRow(NamedTuple):
    """A person, never by name. `may_change` is false for roles above that of the viewer, and who was removed."""

    id: str
    short: str
    provider: str
    role: str
    seen: str
    is_removed: bool
    may_change: bool


class RuleRow(NamedTuple):
    """Who may sign in."""

    id: int
    who: str
    role: str
    may_change: bool


class KeyRow(NamedTuple):
    """An API key. `dot` is on, warn (ends soon) or off (revoked or expired). Nobody revokes a key above their role."""

    id: str
    name: str
    scopes: str
    used: str
    until: str
    dot: str
    is_live: bool
    can_revoke: bool


class LinkRow(NamedTuple):
    """A shared link to one view."""

    id: str
    view: str
    team: str
    opened: str
    until: str
    is_live: bool


class LetterRow(NamedTuple):
    """What workers gave up on, why, and what to do."""

    id: str
    what: str
    since: str
    reason: str
    remedy: str
    can_replay: bool


class ActRow(NamedTuple):
    """What an administrator did. `actor` is shortened, `whole` is as the log has it."""

    when: datetime
    at: str
    actor: str
    whole: str
    action: str
    subject: str


def member_rows(rows: Sequence[Mapping[str, Any]], viewer: Role, now: datetime) -> list[MemberRow]:
    """Return members: those who may sign in first, the latest first."""
    ordered = sorted(rows, key=lambda row: (row["removed_at"] is None, row["signed_in_at"]), reverse=True)
    return [
        MemberRow(
            member_text(row["member"]),
            member_text(row["member"])[:SHORT],
            PROVIDERS.get(row["provider"], row["provider"]),
            f"{_role(row)}, {'set here' if row['is_fixed'] else 'by the rules'}",
            f"removed {ago_text(row['removed_at'], now)}"
            if row["removed_at"]
            else f"signed in {ago_text(row['signed_in_at'], now)}",
            row["removed_at"] is not None,
            viewer.includes(Role.ADMIN) and viewer.includes(Role(row["role"])),
        )
        for row in ordered
    ]


def rule_rows(rows: Sequence[Mapping[str, Any]], viewer: Role) -> list[RuleRow]:
    """Return sign-in rules, the oldest first."""
    return [
        RuleRow(
            row["rule_id"],
            f"{PROVIDERS.get(row['provider'], row['provider'])}, {KINDS.get(row['kind'], row['kind'])} {row['value']}",
            _role(row),
            viewer.includes(Role(row["role"])),
        )
        for row in rows
    ]


def key_rows(rows: Sequence[Mapping[str, Any]], viewer: Role, now: datetime) -> list[KeyRow]:
    """Return keys: those that work first, the last used first."""
    ordered = sorted(rows, key=lambda row: (is_live(row, now), row["last_used_at"] or LONG_AGO), reverse=True)
    return [
        KeyRow(
            str(row["key_id"]),
            row["name"],
            ", ".join(row["scopes"]) + (f" for {row['team']}" if row["team"] else ""),
            f"used {ago_text(row['last_used_at'], now)}" if row["last_used_at"] else "never used",
            _until(row, now),
            "off" if not is_live(row, now) else "warn" if ends_soon(row, now) else "on",
            is_live(row, now),
            viewer.includes(role_of(row["scopes"]) or viewer),
        )
        for row in ordered
    ]


def link_rows(links: Sequence[SharedLinkShown], now: datetime) -> list[LinkRow]:
    """Return shared links: those that work first, the newest first."""
    rows = [(link, {"revoked_at": link.revoked_at, "expires_at": link.expires_at}) for link in links]
    ordered = sorted(rows, key=lambda each: (is_live(each[1], now), each[0].created_at), reverse=True)
    return [
        LinkRow(
            str(link.id),
            link.view,
            link.team or "all teams",
            f"opened {link.times_opened} time{'s' * (link.times_opened != 1)}"
            + (f", last {ago_text(link.opened_at, now)}" if link.opened_at else ""),
            _until(row, now),
            is_live(row, now),
        )
        for link, row in ordered
    ]


def letter_rows(letters: Sequence[DeadLetter], now: datetime) -> list[LetterRow]:
    """Return dead letters, the oldest first."""
    return [
        LetterRow(
            letter.letter_id,
            f"{letter.kind.replace('_', ' ')}: {letter.what}" if letter.what else letter.kind.replace("_", " "),
            f"{ago_text(letter.since, now)}, after {letter.attempts} attempt{'s' * (letter.attempts != 1)}",
            f"{letter.explanation.happened.rstrip('.')}.",
            f"{letter.explanation.remedy.rstrip('.')}.",
            letter.can_replay,
        )
        for letter in letters
    ]


def act_rows(rows: Sequence[Mapping[str, Any]]) -> list[ActRow]:
    """Return acts, the newest first."""
    return [
        ActRow(
            row["acted_at"],
            instant_text(row["acted_at"]),
            _shortened(row["actor"]),
            row["actor"],
            row["action"],
            _shortened(row["subject"]),
        )
        for row in rows
    ]


def is_live(row: Mapping[str, Any], now: datetime) -> bool:
    """Return whether a key or link works."""
    return row["revoked_at"] is None and (row["expires_at"] is None or row["expires_at"] > now)


def ends_soon(row: Mapping[str, Any], now: datetime) -> bool:
    """Return whether a key or link stops working soon."""
    return is_live(row, now) and row["expires_at"] is not None and row["expires_at"] - now < SOON


def _until(row: Mapping[str, Any], now: datetime) -> str:
    if row["revoked_at"]:
        return f"revoked {ago_text(row['revoked_at'], now)}"
    if row["expires_at"] is None:
        return "never ends"
    day = full_day_text(row["expires_at"].date())
    return f"until {day}" if is_live(row, now) else f"expired on {day}"


def _role(row: Mapping[str, Any]) -> str:
    return f"{row['role']} of {row['team']}" if row["team"] else str(row["role"])


def _shortened(text: str) -> str:
    """Shorten long ids, whose beginnings tell them apart."""
    return " ".join(word if len(word) <= 2 * SHORT or "/" in word else f"{word[:SHORT]}…" for word in text.split(" "))
