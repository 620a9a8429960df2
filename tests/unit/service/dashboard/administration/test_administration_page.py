"""The page of administration in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from schema.work_rows import WorkKind
from service.auth.roles import Role
from service.auth.viewer import Viewer
from service.contracts.access.links import SharedLinkShown
from service.dashboard.administration.facts import AdministrationFacts, Settled
from service.dashboard.administration.page import DONE, AdministrationPage, build_administration
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.view.view import read_view
from service.queries.upkeep.dead_letters import DeadLetter
from service.queries.upkeep.freshness import Freshness

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
AGO = NOW - timedelta(hours=3)
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), NOW.date(), 1, ("web",), has_pull_requests=True, has_tokens=True)
SETTLED = Settled(timedelta(hours=24), timedelta(hours=72), timedelta(days=7), timedelta(hours=12))


def member(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "member": bytes([number]) * 32,
        "provider": "oidc",
        "role": "viewer",
        "team": None,
        "is_fixed": False,
        "created_at": AGO,
        "signed_in_at": AGO,
        "removed_at": None,
        **changes,
    }


def key(name: str, **changes: Any) -> dict[str, Any]:
    times = {"created_at": AGO, "revoked_at": None, "expires_at": None, "last_used_at": None}
    return {"key_id": UUID(int=1), "name": name, "scopes": ["intake"], "team": None, **times, **changes}


LINK = SharedLinkShown(
    id=UUID(int=2),
    view="/spend?period=4w",
    team=None,
    created_by="link",
    created_at=AGO,
    expires_at=NOW + timedelta(days=1),
    revoked_at=None,
    times_opened=1,
    opened_at=AGO,
)
ACT = {
    "entry_id": 4,
    "acted_at": AGO,
    "actor": f"member m1_{'ab' * 32}",
    "action": "POST /administration/keys/{key_id}/revoke",
    "subject": str(UUID(int=1)),
}
LETTER = DeadLetter("delivery:ab", WorkKind.DELIVERY, "pull_request", AGO, 5, "unexpected", can_replay=True)
FACTS = AdministrationFacts(
    Role.ADMIN,
    7,
    SETTLED,
    members=[member(1), member(2, role="owner"), member(3, removed_at=AGO)],
    acts=[ACT],
    rules=[
        {"rule_id": 1, "provider": "github", "kind": "group", "value": "octo/web", "role": "admin", "team": "web"},
        {"rule_id": 2, "provider": "oidc", "kind": "domain", "value": "example.com", "role": "owner", "team": None},
    ],
    keys=[
        key("old", revoked_at=AGO),
        key("agents", last_used_at=AGO),
        key("ends", expires_at=NOW + timedelta(days=3)),
        key("over", expires_at=AGO),
    ],
    links=[LINK],
    letters=[LETTER],
    has_labels=True,
)


def page(done: str = "", **changes: Any) -> AdministrationPage:
    return build_administration(replace(FACTS, **changes), done, NOW)


def shown(of: AdministrationPage, role: Role = Role.ADMIN) -> str:
    view = read_view("/administration", [], ("done",), NOW.date())
    viewer = Viewer(7, role, "TOKEN-OF-FORMS", "link")
    frame = build_frame("Administration", "/administration", FRESH, NOW, view, "/api/v1/audit", viewer=viewer)
    return templates().get_template("administration/page.html").render(frame=frame, page=of, view=view)


def test_the_sentence_says_who_has_access() -> None:
    assert page().answer.sentence == "2 people, 2 API keys and 1 shared link have access"
    assert ("The last change was made 3 hours ago. ", False) in page().answer.why
    assert ("Workers gave up on 1 row; see dead letters. ", True) in page().answer.why


def test_what_works_comes_first_with_its_use_and_its_end() -> None:
    rows = [(row.name, row.used, row.until, row.dot) for row in page().keys]
    assert rows == [
        ("agents", "used 3 hours ago", "never ends", "on"),
        ("ends", "never used", "until 5 Dec 2026", "warn"),
        ("old", "never used", "revoked 3 hours ago", "off"),
        ("over", "never used", "expired on 2 Dec 2026", "off"),
    ]
    assert [row.is_live for row in page().keys] == [True, True, False, False]


def test_an_admin_cannot_touch_owners_and_an_owner_can() -> None:
    assert sorted(row.may_change for row in page().members) == [False, True, True]
    assert [row.may_change for row in page().rules] == [True, False]
    assert page().roles == ["viewer", "auditor", "admin"]
    assert "owner" not in dict(page().scopes)
    owner = page(role=Role.OWNER)
    assert all(row.may_change for row in (*owner.members, *owner.rules))
    assert owner.roles[-1] == "owner"
    assert "owner" in dict(owner.scopes)


def test_an_auditor_gets_people_and_the_log_without_any_form() -> None:
    audited = build_administration(AdministrationFacts(Role.AUDITOR, 7, SETTLED, FACTS.members, FACTS.acts), "", NOW)
    text = shown(audited, Role.AUDITOR)
    assert audited.answer.sentence == "2 people may sign in"
    assert 'action="/administration' not in text
    assert "Audit log" in text
    assert "API keys</h2>" not in text
    assert [figure.name for figure in audited.strip] == ["People who may sign in", "Changes within a day"]


def test_each_form_holds_the_token_of_the_session() -> None:
    text = shown(page())
    assert text.count('method="post"') == text.count('name="csrf_token" value="TOKEN-OF-FORMS"') >= 10
    assert "organization erase 7 --dry-run" in text
    assert 'action="/administration/labels"' in text


@pytest.mark.parametrize("done", DONE)
def test_the_page_says_what_was_done(done: str) -> None:
    assert DONE[done] in shown(page(done))


def test_an_empty_organization_says_what_to_do() -> None:
    text = shown(page(members=[], acts=[], rules=[], keys=[], links=[], letters=[], has_labels=False))
    for sentence in ("Nobody signed in", "No rule is set", "No API key", "No view is shared", "gave up on nothing"):
        assert sentence in text
    assert "Turn names on" in text


def test_ids_are_shortened_on_the_page_and_whole_in_the_file() -> None:
    (act,) = page().acts
    assert (act.actor, act.subject) == ("member m1_abababab…", "00000000-00…")
    assert page().export.rows == [(4, AGO.isoformat(), ACT["actor"], ACT["action"], ACT["subject"])]


def test_settings_are_shown_as_they_are() -> None:
    assert [length for _, length, _ in page().settled] == ["24 hours", "3 days", "7 days", "12 hours"]


def test_of_many_rows_some_are_shown_and_the_command_names_the_others() -> None:
    many = page(keys=[key(f"key {number}") for number in range(60)])
    assert (len(many.keys), many.more["keys"]) == (50, 10)
    assert "10 more: <code>shipledger key list</code>" in shown(many)
