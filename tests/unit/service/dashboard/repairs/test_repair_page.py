"""The page of repairs in words."""

from datetime import UTC, datetime

from service.contracts.repair import RepairShown
from service.dashboard.repairs.page import CheckedFacts, RepairFacts, build_repair_page
from service.failures import failure_sentence, standing_of
from service.queries.forge.repair_limits import RepairLimits
from service.queries.forge.repair_sentences import limits_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def check(kind: str, failure: str | None = None, **more: object) -> CheckedFacts:
    reported = {"found": 12_345, "redelivery_requests": 7, "recovered": 6, "missing": 1, "connection": "1-a", **more}
    says = {"state": standing_of(failure, otherwise="healthy"), "reason": failure_sentence(failure)}
    shown = RepairShown(kind=kind, last_success_at=NOW, next_at=NOW, **says, **reported)  # type: ignore[arg-type]  # as written
    return CheckedFacts("gitlab", "gitlab.com", shown)


def test_each_connection_has_its_checks_with_counts_as_people_read_them() -> None:
    page = build_repair_page(
        RepairFacts(
            1, (check("deliveries", hooks_repaired=2), check("releases"), check("deliveries", connection="1-b"))
        )
    )
    assert [(each.title, each.name, len(each.lines)) for each in page.subjects] == [
        ("GitLab at gitlab.com", "connection 1-a", 2),
        ("GitLab at gitlab.com", "connection 1-b", 1),
    ]
    first, second = page.subjects[0].lines
    assert first.last_success == "2026-03-02 12:00 UTC"
    assert (first.found, first.requested_again, first.missing) == ("12,345", "7", "1")
    assert first.description == "requested again if no attempt arrived; the webhook was repaired 2 times"
    # Lists request nothing again.
    assert (second.requested_again, second.missing) == ("\N{EN DASH}", "\N{EN DASH}")


def test_every_state_is_shown_in_words_with_its_reason() -> None:
    failures = ("deliveries_not_offered", "hook_switched_off", "token_refused", "rate_limited", "KeyError")
    page = build_repair_page(RepairFacts(1, tuple(check("deliveries", each) for each in failures)))
    assert [each.state for each in page.subjects[0].lines] == [
        "Not offered by the forge",
        "Failing",
        "Refused by the forge",
        "Waiting for the forge",
        "Failing",
    ]
    assert all(each.reason for each in page.subjects[0].lines)


def test_what_cannot_be_repaired_is_shown_with_its_remedy() -> None:
    assert limits_of(RepairLimits(3, 0, 0)) == []
    alone, unlisted = limits_of(RepairLimits(1, 1, 1))
    assert alone.says.startswith("1 of 1 connection without an access token")
    assert "/token" in alone.remedy
    assert unlisted.says.startswith("1 of 1 connection whose failed deliveries cannot be listed")
    assert "17.3" in unlisted.remedy
