"""Work that waits for its pull request, and what is settled again when something becomes known late."""

from datetime import date

import pytest

from schema.identifiers import artifact_text
from tests.harness.bodies import Delivery, at, committed, pull_request, push, spent, telemetry
from tests.harness.company import Company
from tests.harness.otlp import Body

DAY = 24
# Far enough apart that no day's rates are fitted on another one of them.
FAR = 40 * DAY


def days(*hours: float) -> set[date]:
    return {at(each).date() for each in hours}


async def settled_by(company: Company, *reported: Delivery | Body) -> set[date]:
    """The days settled because of these facts; every other day must have stayed as it was."""
    before = await company.settled()
    await company.receive_one_by_one(*reported)
    after = await company.settled()
    assert {state for state, _ in after.values()} == {"processed"}
    return {day for day in after if after[day] != before.get(day)}


async def test_work_waits_for_the_push_and_the_pull_request_that_come_days_later(company: Company) -> None:
    await company.receive_one_by_one(telemetry(spent(9, 10), committed(10, "c1", branch="fix")))
    assert await company.ledger() == {(0, "overhead"): 10}
    await company.receive_one_by_one(push("fix", 5 * DAY, "c1"))
    assert await company.ledger() == {(0, "overhead"): 10}
    await company.receive_one_by_one(pull_request("opened", 1, "fix", 9 * DAY, "c1", opened=9 * DAY))
    assert await company.ledger() == {(1, "commit"): 10}


async def test_work_on_a_branch_waits_for_the_pull_request_opened_weeks_later(company: Company) -> None:
    await company.receive_one_by_one(
        telemetry(spent(9, 10, branch="fix")), pull_request("opened", 1, "fix", 25 * DAY, "c1", opened=25 * DAY)
    )
    assert await company.ledger() == {(1, "branch"): 10}


async def test_a_commit_pushed_months_after_the_work_is_linked_still(company: Company) -> None:
    await company.receive_one_by_one(
        pull_request("opened", 1, "fix", 8, "c0", opened=8),
        telemetry(spent(9, 10, branch="elsewhere"), committed(10, "c1", branch="elsewhere")),
        push("fix", 90 * DAY, "c1"),
    )
    assert await company.ledger() == {(1, "commit"): 10}


@pytest.mark.parametrize("named", ["artifact", "number"])
async def test_a_named_pull_request_is_linked_once_it_is_known(company: Company, named: str) -> None:
    work = spent(9, 10, artifact=artifact_text(company.artifact(1))) if named == "artifact" else spent(9, 10, number=1)
    await company.receive_one_by_one(telemetry(work))
    assert await company.ledger() == {(0, "overhead"): 10}
    await company.receive_one_by_one(pull_request("opened", 1, "fix", 60 * DAY, "c1", opened=60 * DAY))
    assert await company.ledger() == {(1, "artifact"): 10}


async def test_late_telemetry_settles_its_own_day_alone(company: Company) -> None:
    await company.receive_one_by_one(
        pull_request("opened", 1, "fix", 8, "c1", opened=8),
        telemetry(*(spent(9 + DAY * day, 10, f"s{day}", branch="fix") for day in range(5))),
    )
    late = telemetry(spent(10 + 2 * DAY, 100, "late", branch="fix"))
    assert await settled_by(company, late) == days(2 * DAY)
    assert await settled_by(company, late) == set(), "a repeated fact changes nothing"
    assert await company.ledger() == {(1, "branch"): 150}


async def test_late_telemetry_of_no_known_branch_settles_its_day_and_those_that_are_fitted_with_it(
    company: Company,
) -> None:
    reported = [spent(9 + day, 10, None) for day in (0, DAY, FAR, FAR + DAY)]
    opened = [
        pull_request("opened", number, "fix", hours, "c", opened=hours) for number, hours in ((1, 8), (2, 8 + FAR))
    ]
    await company.receive_one_by_one(*opened, telemetry(*reported))
    late = telemetry(spent(10 + FAR, 100, None))
    assert await settled_by(company, late) == days(FAR, FAR + DAY)


async def test_late_telemetry_of_one_team_settles_no_day_of_another(company: Company) -> None:
    await company.receive_one_by_one(
        pull_request("opened", 1, "fix", 8, "c1", opened=8),
        *(telemetry(spent(9, 10, team, branch="fix"), team=team) for team in ("one", "two")),
    )
    query = "SELECT team_id, settled_at FROM settlement WHERE organization_id = $1"
    before = {tuple(row) for row in await company.fetch(query)}
    await company.receive_one_by_one(telemetry(spent(10, 100, "one", branch="fix"), team="one"))
    assert len(before - {tuple(row) for row in await company.fetch(query)}) == 1


async def test_a_late_commit_settles_only_the_days_whose_tokens_it_moves(company: Company) -> None:
    await company.receive_one_by_one(
        push("fix", 8, "c1"),
        pull_request("opened", 1, "fix", 8, "c1", opened=8),
        telemetry(*(spent(9 + FAR * time, 10) for time in range(4)), committed(2 + 2 * FAR, "c0")),
    )
    assert await settled_by(company, telemetry(committed(10 + 2 * FAR, "c1"))) == days(2 * FAR)
    assert (1, "commit", 9 + 2 * FAR, 10) in await company.rows()


async def test_a_commit_that_a_pull_request_turns_out_to_hold_settles_only_its_days(company: Company) -> None:
    sessions = (spent(9 + FAR * time, 10, f"s{time}") for time in range(3))
    await company.receive_one_by_one(
        pull_request("opened", 1, "fix", 4 * FAR, "c0", opened=4 * FAR),
        telemetry(*sessions, committed(10, "c1", "s0"), committed(10 + FAR, "c2", "s1")),
    )
    assert await settled_by(company, push("fix", 4 * FAR + 1, "c1")) == days(0)
    assert (1, "commit", 9, 10) in await company.rows()


async def test_an_unchanged_pull_request_settles_nothing(company: Company) -> None:
    opened = pull_request("opened", 1, "fix", 8, "c1", opened=8)
    await company.receive_one_by_one(opened, telemetry(spent(9, 10, branch="fix")))
    assert await settled_by(company, opened) == set()
    assert await settled_by(company, pull_request("labeled", 1, "fix", 12, "c1", opened=8)) == set()


async def test_work_on_main_is_exploration_once_main_is_known_and_follows_its_branch(company: Company) -> None:
    await company.receive_one_by_one(
        telemetry(spent(9, 1, branch="main"), spent(10, 10, branch="fix"), spent(11, 100, branch="main")),
        telemetry(spent(9, 1000, "t", branch="main")),
        pull_request("opened", 1, "fix", 12, "c1", opened=12),
    )
    assert await company.ledger() == {(1, "branch"): 11, (0, "overhead"): 1100}


async def test_a_branch_that_others_are_stacked_on_is_main_only_until_its_own_pull_request_is_known(
    company: Company,
) -> None:
    work = telemetry(spent(9, 1, branch="bottom"), spent(10, 10, branch="top"), spent(11, 100, branch="bottom"))
    await company.receive_one_by_one(work, pull_request("opened", 2, "top", 12, "c2", opened=12, base="bottom"))
    assert await company.ledger() == {(2, "branch"): 11, (0, "overhead"): 100}
    await company.receive_one_by_one(pull_request("opened", 1, "bottom", 13, "c1", opened=13))
    assert await company.ledger() == {(1, "branch"): 101, (2, "branch"): 10}
