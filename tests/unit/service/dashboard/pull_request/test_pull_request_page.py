"""The page of one pull request in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from service.contracts.attribution import AttributionShown
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.pull_request.facts import OneFacts
from service.dashboard.pull_request.page import OnePage, build_one, forge_link
from service.dashboard.pull_request.sizes import SIZES, size_of
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import Crumb, build_frame
from service.dashboard.view.view import CARRIED, View, read_view
from service.queries.artifacts.one_pull_request import DaySpend, Settled, ShippedBy
from service.queries.ledger.spend import Spend
from service.queries.upkeep.freshness import Freshness
from tests.unit.service.dashboard.pull_requests.shown import attribution
from vocabulary.tokens import NANO_USD, TokenCounts

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
OPENED = datetime(2026, 11, 16, 8, tzinfo=UTC)
HEARD = Trust("Telemetry:", "last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 1, ("web",), has_pull_requests=True, has_tokens=True)


def day(number: int, model: str, evidence: str, tokens: int, dollars: int) -> DaySpend:
    spend = Spend(TokenCounts(tokens // 2, tokens - tokens // 2), dollars * NANO_USD)
    return DaySpend(date(2026, 11, number), model, evidence, spend)


DAYS = (day(14, "opus", "commit", 400, 15), day(17, "sonnet", "branch", 600, 10))
FACTS = OneFacts(
    shown=attribution(7, "25.00", 1.0),
    opened_at=OPENED,
    repository="github.com/acme/web",
    days=DAYS,
    releases=(ShippedBy(b"\1" * 32, "web@v1.2.0", datetime(2026, 11, 20, tzinfo=UTC)),),
    settled=Settled(NOW, 0),
    peers=[dollars * NANO_USD for dollars in range(1, 11)],
)
WEAK = replace(FACTS, shown=attribution(7, "25.00", 0.4))


def view(**query: str) -> View:
    return read_view(f"/pull-requests/{FACTS.shown.artifact_id}", query.items(), ("price",), TODAY, kept=CARRIED)


def page(facts: OneFacts = FACTS, **query: str) -> OnePage:
    return build_one(view(**query), facts, HEARD)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def why(facts: OneFacts) -> str:
    return plain("".join(text for text, _ in page(facts).answer.why))


def changed(**changes: Any) -> AttributionShown:
    return msgspec.structs.replace(FACTS.shown, **changes)


def outcome(**changes: Any) -> AttributionShown:
    return changed(outcomes=msgspec.structs.replace(FACTS.shown.outcomes, **changes))


def drawn(facts: OneFacts) -> str:
    shown = view()
    above = [Crumb("Pull requests", "/pull-requests")]
    frame = build_frame("acme/web#7", shown.path, FRESH, NOW, shown, "", above)
    built = build_one(shown, facts, HEARD)
    return templates().get_template("pull_request/page.html").render(frame=frame, page=built, view=shown)


def test_the_answer_is_the_cost_beside_peers() -> None:
    assert page().answer.sentence == "acme/web#7 cost $25.00"
    assert why(FACTS).startswith("4.5 times the median of 10 pull requests of similar size.")
    assert "similar" not in why(replace(FACTS, peers=FACTS.peers[:7]))


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (replace(FACTS, shown=changed(state="open", merged_at=None)), "acme/web#7 cost $25.00 so far"),
        (
            replace(FACTS, shown=changed(state="abandoned", merged_at=None), closed_at=NOW),
            "acme/web#7 cost $25.00 and was closed without a merge",
        ),
        (replace(FACTS, shown=outcome(reverted_at=NOW)), "acme/web#7 cost $25.00 and was reverted"),
        (WEAK, "acme/web#7 cost between $10 and $40"),
        (replace(WEAK, shown=attribution(7, "25.00", 0.4, interval=None)), "acme/web#7 cost at least $10.00"),
        (replace(FACTS, shown=changed(label=None)), "a1_00000000… cost $25.00"),
    ],
)
def test_what_became_of_it_and_how_sure_it_is_are_in_the_sentence(facts: OneFacts, sentence: str) -> None:
    assert page(facts).answer.sentence == sentence


def test_an_estimate_says_why_and_shows_shares_only() -> None:
    built = page(WEAK)
    assert why(WEAK).startswith("Only 40 % of these tokens are linked to this pull request directly.")
    assert built.notices[0].title == "An estimate, not a measurement."
    assert [plain(row.dollars) for row in built.spending.rows] == ["60 %", "40 %", "100 %"]
    assert {row.tokens for row in built.linked} == {""}
    assert built.days is not None
    assert built.days.axis.unit == "share"
    assert all(cells[-3:] == (None, None, None) for cells in built.export.rows)
    assert "$15" not in drawn(WEAK)
    assert "25.00" not in drawn(WEAK)


def test_a_measurement_shows_amounts_by_day_model_and_kind() -> None:
    built = page()
    assert [(row.name, row.dollars, row.tokens) for row in built.spending.rows] == [
        ("opus", "$15.00", "400"),
        ("sonnet", "$10.00", "600"),
        ("All", "$25.00", "1.0\u202fk"),
    ]
    assert built.days is not None
    assert [row.head for row in built.days.table.rows] == ["17 Nov", "16 Nov", "15 Nov", "14 Nov"]
    assert [(row.name, plain(row.share)) for row in built.linked][1:3] == [("Commit", "40 %"), ("Branch", "60 %")]
    assert built.export.rows[0] == ("2026-11-14", "opus", "commit", 0.4, 200, 200, 0, 0, 0, "15.00")


def test_a_long_life_is_drawn_by_week() -> None:
    days = [DaySpend(date(2026, 9, 30), "opus", "commit", DAYS[0].spend), *DAYS]
    built = page(replace(FACTS, days=days))
    assert built.days is not None
    assert built.days.table.columns[0] == "Week"
    assert built.days.slots == 8


def titles(facts: OneFacts) -> Sequence[str]:
    return [step.title for step in page(facts).path]


def test_the_path_shows_its_life() -> None:
    assert titles(FACTS) == [
        "First tokens",
        "Opened",
        "1 review round",
        "Merged",
        "Released in web@v1.2.0",
        "No revert, no fix",
    ]
    assert plain(page().path[1].text) == "16 Nov 2026, after 40 % of the tokens"
    assert titles(replace(FACTS, shown=changed(state="open", merged_at=None)))[-1] == "Still open"
    assert titles(replace(FACTS, releases=()))[-2] == "Not released yet"


def test_what_came_back_is_at_the_end_of_the_path() -> None:
    by = f"a1_{9:064x}"
    reverted = page(replace(FACTS, shown=outcome(reverted_at=NOW, reverted_by=by), reverted_by_label="acme/web#9"))
    assert (reverted.path[-1].text, reverted.path[-1].kind) == ("2 Dec 2026 by acme/web#9", "bad")
    assert reverted.path[-1].link == f"/pull-requests/{by}"
    fixed = page(replace(FACTS, shown=outcome(fix_released_at=NOW)))
    assert fixed.path[-1].title == "A fix release followed"


def test_links_keep_the_view() -> None:
    built = page(period="4w", team="web", price="billed")
    assert built.chips[2].link.endswith("?period=4w&team=web&price=billed")


@pytest.mark.parametrize(
    ("forge", "repository", "label", "address"),
    [
        ("github", "github.com/acme/web", "acme/web#7", "https://github.com/acme/web/pull/7"),
        ("gitlab", "git.acme.dev/a/b/web", "a/b/web#7", "https://git.acme.dev/a/b/web/-/merge_requests/7"),
        ("github", None, "acme/web#7", ""),
        ("github", "github.com/acme/web", None, ""),
        ("github", "javascript:alert(1)//x/y", "acme/web#7", ""),
        ("svn", "github.com/acme/web", "acme/web#7", ""),
    ],
)
def test_the_forge_is_a_click_away_where_labels_are_on(
    forge: str, repository: str | None, label: str | None, address: str
) -> None:
    assert forge_link(forge, repository, label) == address


def test_days_that_wait_make_it_not_final() -> None:
    [notice] = page(replace(FACTS, settled=Settled(None, 2))).notices
    assert notice.text == "2 days of it are being settled, so the figures may change."


def test_without_tokens_it_says_what_is_missing() -> None:
    nothing = replace(FACTS, shown=attribution(7, "0.00", 0.0, tokens=_no_tokens()), days=(), peers=())
    built = page(nothing)
    assert built.answer.sentence == "acme/web#7 cost nothing that was seen"
    assert built.strip[0].shown.sureness is Sureness.NOTHING
    assert "Connect an agent" in drawn(nothing)


def _no_tokens() -> Any:
    return msgspec.structs.replace(FACTS.shown.tokens, **dict.fromkeys(type(FACTS.shown.tokens).__struct_fields__, 0))


def test_sizes_follow_each_other() -> None:
    assert [size.least for size in SIZES[1:]] == [(size.most or 0) + 1 for size in SIZES[:-1]]
    assert [size_of(lines).name for lines in (0, 10, 399, 400, 5_000) if size_of(lines)] == ["XS", "S", "M", "L", "XL"]  # type: ignore[union-attr]
    assert size_of(None) is None


@pytest.mark.parametrize("facts", [FACTS, WEAK, replace(FACTS, peers=(), releases=(), repository=None)])
def test_the_template_draws_it(facts: OneFacts) -> None:
    text = drawn(facts)
    assert " style=" not in text
    assert text.count("<h1>") == 1
