"""GitHub's Copilot usage metrics: the daily report of an organization or enterprise, as a file to be downloaded.

https://docs.github.com/rest/copilot/copilot-usage-metrics. A request answers with signed links, or with 204 while a day
has no report, which takes two or three days. The file is JSON, or a line of it a day. It tells how much Copilot was
used by day, and in chats by model; tokens are told of its command line alone, over the whole day and of no model. Of
reports on users none is asked for: a team is told by giving its organization's account that team.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from msgspec import Struct, field

from schema.charges import ChargeKind
from schema.tokens import TokenCounts
from workers.providers.client import UnreadableError, ask, decoded
from workers.providers.reports import Asked, Counted, Engaged, EngagedCounts, HourTokens, Report, Tokens, report_model

URL = "https://api.github.com"
VERSION = "2022-11-28"
REPORTS = {"orgs": "organization-1-day", "enterprises": "enterprise-1-day"}
MAXIMUM_LINKS = 100
HOURS = 24
# A day of fewer people could tell of one of them.
FEWEST_PEOPLE = 5


class Links(Struct):
    """Where a day's report is."""

    download_links: list[str]


class Counts(Struct):
    """How much Copilot was used."""

    user_initiated_interaction_count: Tokens = 0
    code_generation_activity_count: Tokens = 0
    code_acceptance_activity_count: Tokens = 0
    loc_added_sum: Tokens = 0
    loc_deleted_sum: Tokens = 0


class ModelCounts(Counts):
    """The same of one model and feature."""

    model: str = ""


class CliUsage(Struct):
    """Tokens of the command line."""

    prompt_tokens_sum: Tokens = 0
    output_tokens_sum: Tokens = 0


class Cli(Struct):
    """What was asked from the command line."""

    request_count: Tokens = 0
    token_usage: CliUsage | None = None


class Day(Counts):
    """One day's totals."""

    day: date | None = None
    daily_active_users: Tokens | None = None
    totals_by_model_feature: list[ModelCounts] = field(default_factory=list)
    totals_by_cli: Cli | None = None
    day_totals: list["Day"] | None = None


async def read_report(asked: Asked) -> Report:
    """Use of the days asked for; those without a report yet tell nothing."""
    kind, _, name = asked.scope.partition("/")
    path = f"{asked.base_url}/{kind}/{name}/copilot/metrics/reports/{REPORTS[kind]}"
    headers = {
        "Authorization": f"Bearer {asked.key}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": VERSION,
    }
    report = Report()
    day = asked.first
    while day < asked.end:
        if reported := await ask(asked.http, "GET", path, headers=headers, params={"day": day.isoformat()}):
            links = decoded(reported, Links).download_links
            if len(links) > MAXIMUM_LINKS:
                raise UnreadableError("is split into too many files")
            # Signed links need no key, and must not be shown it.
            files = [await ask(asked.http, "GET", _link(link, asked.base_url)) for link in links]
            add_day(report, day, [each for file in files for each in days_of(file)])
        day += timedelta(days=1)
    return report


def days_of(file: bytes) -> Iterator[Day]:
    """The days that a file tells of, be it one object or one a line."""
    try:
        reported = [decoded(file, Day)]
    except UnreadableError:
        reported = [decoded(line, Day) for line in file.splitlines() if line.strip()]
    for each in reported:
        yield from each.day_totals if each.day_totals is not None else (each,)


def add_day(report: Report, day: date, reported: Iterable[Day]) -> None:
    """Add what the files of a day tell of it."""
    of_day = [each for each in reported if each.day in {None, day}]
    if not of_day:
        return
    by_model: dict[str, EngagedCounts] = {}
    for each in of_day:
        for part in each.totals_by_model_feature:
            model = report_model(part.model)
            by_model[model] = by_model.get(model, EngagedCounts()).plus(_counts(part))
    rest = EngagedCounts()
    for each in of_day:
        rest = rest.plus(_counts(each))
    named = EngagedCounts()
    for model, counts in by_model.items():
        if model:
            named = named.plus(counts)
            report.engagement.append(Engaged(day, model, counts, None))
    people = sum(each.daily_active_users or 0 for each in of_day)
    report.engagement.append(Engaged(day, "", rest.without(named), people if people >= FEWEST_PEOPLE else None))
    for each in of_day:
        if each.totals_by_cli and each.totals_by_cli.token_usage:
            _add_tokens(report, day, each.totals_by_cli.token_usage)


def _add_tokens(report: Report, day: date, usage: CliUsage) -> None:
    """Tokens of the command line: what was cached of the input is not told apart. Nothing tells their hours."""
    for kind, count in (
        (ChargeKind.INPUT_UNCACHED, usage.prompt_tokens_sum),
        (ChargeKind.OUTPUT, usage.output_tokens_sum),
    ):
        if count:
            report.usage.append(Counted(day, "", kind, count))
    midnight = datetime.combine(day, time(), UTC)
    for hour in range(HOURS):
        tokens = TokenCounts(
            input_uncached=_share(usage.prompt_tokens_sum, hour), output_visible=_share(usage.output_tokens_sum, hour)
        )
        if tokens.total:
            report.hours.append(HourTokens(midnight + timedelta(hours=hour), None, "", tokens))


def _share(tokens: int, hour: int) -> int:
    """An hour's part of a day's tokens; the parts sum to them."""
    return tokens * (hour + 1) // HOURS - tokens * hour // HOURS


def _counts(reported: Counts) -> EngagedCounts:
    return EngagedCounts(
        reported.user_initiated_interaction_count,
        reported.code_generation_activity_count,
        reported.code_acceptance_activity_count,
        reported.loc_added_sum,
        reported.loc_deleted_sum,
    )


def _link(link: str, base_url: str) -> str:
    """A link that may be followed; raises UnreadableError for one that is less safe than what it was asked of."""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"https", urlsplit(base_url).scheme}:
        raise UnreadableError("contains an invalid link")
    return link
