"""What GitHub bills for Copilot's AI credits, by day and model.

https://docs.github.com/rest/billing/usage. `netAmount` is what is left after included credits, in USD. Reading it takes
another permission than usage metrics (Administration, read), so an account without it has usage and no costs.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec import Raw, Struct

from vocabulary.charges import ChargeKind
from workers.providers.client import MissingError, RefusedError, UnreadableError, decode, decode_rows, fetch
from workers.providers.left_out import LeftOutRow
from workers.providers.reports import Cost, Report, ReportRequest, check_amount, report_model

PATHS = {"orgs": "organizations", "enterprises": "enterprises"}
AUTOMATIC = "auto:"


class UsageItem(Struct, rename="camel"):
    """AI credits of one SKU and model."""

    net_amount: Decimal
    gross_amount: Decimal = Decimal(0)
    model: str | None = None

    def __post_init__(self) -> None:
        """Validate the amounts."""
        check_amount(self.net_amount)
        check_amount(self.gross_amount)


class CreditUsage(Struct, rename="camel"):
    """The report of one day."""

    usage_items: list[Raw]


async def read_costs(request: ReportRequest, headers: Mapping[str, str], day: date, report: Report) -> bool:
    """Add a day's costs to the report; return False if the token may not read them or the plan has none."""
    kind, _, name = request.scope.partition("/")
    url = f"{request.base_url}/{PATHS[kind]}/{name}/settings/billing/ai_credit/usage"
    params = {"year": day.year, "month": day.month, "day": day.day}
    try:
        body = await fetch(request.http, "GET", url, headers=dict(headers), params=params)
    except (RefusedError, MissingError):
        return False
    try:
        usage = decode(body, CreditUsage)
    except UnreadableError:
        report.left_out.append(LeftOutRow(f"AI credits of {day}: not as documented"))
        return True
    for item in decode_rows(usage.usage_items, UsageItem, f"AI credits of {day}", report.left_out):
        if item.net_amount or item.gross_amount:
            report.costs.append(Cost(day, _model(item.model), ChargeKind.OTHER, "USD", item.net_amount))
    return True


def _model(name: str | None) -> str:
    """Return the model, also of `Auto: GPT-5.4`, which Copilot chose itself."""
    text = name or ""
    return report_model(text[len(AUTOMATIC) :].strip() if text.lower().startswith(AUTOMATIC) else text)
