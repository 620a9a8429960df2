"""GitHub's Copilot usage metrics: the daily report of an organization or enterprise, as a file to download.

https://docs.github.com/rest/copilot/copilot-usage-metrics. A request answers with signed links, or with 204 while a day
has no report, which takes two or three days. The file is JSON, or one line of it per day. It reports usage by day, and
chats by model. Only the command line reports tokens, for the whole day and without a model. Reports on users are never
requested: to attribute usage to a team, give its organization's account that team.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from msgspec import Struct, field

from vocabulary.charges import ChargeKind
from vocabulary.tokens import TokenCounts
from workers.providers.client import UnreadableError, decode, fetch
from workers.providers.copilot_credits import read_costs
from workers.providers.left_out import LeftOutRow
from workers.providers.reports import (
    Engagement,
    EngagementCounts,
    HourTokens,
    Report,
    ReportRequest,
    Tokens,
    UsageCount,
    report_model,
)

URL = "https://api.github.com"
VERSION = "2022-11-28"
REPORTS = {"orgs": "organization-1-day", "enterprises": "enterprise-1-day"}
MAXIMUM_LINKS = 100
HOURS = 24
# Fewer people than this could identify one of them.
FEWEST_PEOPLE = 5


class Links(Struct):
    """Download links of a day's report."""

    download_links: list[str]


class Counts(Struct):
    """Usage counts of Copilot."""

    user_initiated_interaction_count: Tokens = 0
    code_generation_activity_count: Tokens = 0
    code_acceptance_activity_count: Tokens = 0
    loc_added_sum: Tokens = 0
    loc_deleted_sum: Tokens = 0


class ModelCounts(Counts):
    """Usage counts of one model and feature."""

    model: str = ""


class CliUsage(Struct):
    """Tokens used by the command line."""

    prompt_tokens_sum: Tokens = 0
    output_tokens_sum: Tokens = 0


class Cli(Struct):
    """Requests from the command line."""

    request_count: Tokens = 0
    token_usage: CliUsage | None = None


class Day(Counts):
    """One day's totals."""

    day: date | None = None
    daily_active_users: Tokens | None = None
    totals_by_model_feature: list[ModelCounts] = field(default_factory=list)
    totals_by_cli: Cli | None = None
    day_totals: list["Day"] | None = None


async def read_report(request: ReportRequest) -> Report:
    """Read usage and costs of the requested days; days without a report yet are skipped."""
    kind, _, name = request.scope.partition("/")
    path = f"{request.base_url}/{kind}/{name}/copilot/metrics/reports/{REPORTS[kind]}"
    headers = {
        "Authorization": f"Bearer {request.key}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": VERSION,
    }
    report = Report()
    day = request.first
    has_costs = True
    while day < request.end:
        if body := await fetch(request.http, "GET", path, headers=headers, params={"day": day.isoformat()}):
            links = decode(body, Links).download_links
            if len(links) > MAXIMUM_LINKS:
                raise UnreadableError("is split into too many files")
            # Signed links need no key, and must not receive it.
            files = [await fetch(request.http, "GET", _link(link, request.base_url)) for link in links]
            _add_readable(report, day, files)
        has_costs = has_costs and await read_costs(request, headers, day, report)
        day += timedelta(days=1)
    return report


def _add_readable(report: Report, day: date, files: Iterable[bytes]) -> None:
    """Add a day, or nothing of it if one of its files has another form: its numbers belong together."""
    of_day = Report()
    try:
        add_day(of_day, day, [each for file in files for each in days_of(file)])
    except UnreadableError:
        report.left_out.append(LeftOutRow(f"report of {day}: not as documented"))
        return
    report.usage += of_day.usage
    report.hours += of_day.hours
    report.engagement += of_day.engagement


def days_of(file: bytes) -> Iterator[Day]:
    """Yield the days in a file, which is one object or one per line."""
    try:
        days = [decode(file, Day)]
    except UnreadableError:
        days = [decode(line, Day) for line in file.splitlines() if line.strip()]
    for each in days:
        yield from each.day_totals if each.day_totals is not None else (each,)


def add_day(report: Report, day: date, days: Iterable[Day]) -> None:
    """Add a day's files to the report."""
    of_day = [each for each in days if each.day in {None, day}]
    if not of_day:
        return
    by_model: dict[str, EngagementCounts] = {}
    for each in of_day:
        for part in each.totals_by_model_feature:
            model = report_model(part.model)
            by_model[model] = by_model.get(model, EngagementCounts()).plus(_counts(part))
    rest = EngagementCounts()
    for each in of_day:
        rest = rest.plus(_counts(each))
    named = EngagementCounts()
    for model, counts in by_model.items():
        if model:
            named = named.plus(counts)
            report.engagement.append(Engagement(day, model, counts, None))
    people = sum(each.daily_active_users or 0 for each in of_day)
    report.engagement.append(Engagement(day, "", rest.without(named), people if people >= FEWEST_PEOPLE else None))
    for each in of_day:
        if each.totals_by_cli and each.totals_by_cli.token_usage:
            _add_tokens(report, day, each.totals_by_cli.token_usage)


def _add_tokens(report: Report, day: date, usage: CliUsage) -> None:
    """Add tokens of the command line; their input is not split by cache, and they have no hours."""
    for kind, count in (
        (ChargeKind.INPUT_UNCACHED, usage.prompt_tokens_sum),
        (ChargeKind.OUTPUT, usage.output_tokens_sum),
    ):
        if count:
            report.usage.append(UsageCount(day, "", kind, count))
    midnight = datetime.combine(day, time(), UTC)
    for hour in range(HOURS):
        tokens = TokenCounts(
            input_uncached=_share(usage.prompt_tokens_sum, hour), output_visible=_share(usage.output_tokens_sum, hour)
        )
        if tokens.total:
            report.hours.append(HourTokens(midnight + timedelta(hours=hour), None, "", tokens))


def _share(tokens: int, hour: int) -> int:
    """Return an hour's part of a day's tokens; the parts sum to the day."""
    return tokens * (hour + 1) // HOURS - tokens * hour // HOURS


def _counts(counts: Counts) -> EngagementCounts:
    return EngagementCounts(
        counts.user_initiated_interaction_count,
        counts.code_generation_activity_count,
        counts.code_acceptance_activity_count,
        counts.loc_added_sum,
        counts.loc_deleted_sum,
    )


def _link(link: str, base_url: str) -> str:
    """Check a download link; raises UnreadableError when it is less secure than the API."""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"https", urlsplit(base_url).scheme}:
        raise UnreadableError("contains an invalid link")
    return link
