"""`shipledger import focus`: charges for tokens from bills in the FOCUS format, and GitHub's."""

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from schema.errors import SetUpError
from service.cli.imports.bulks import send_in_bulks
from service.cli.imports.counted import counted
from service.cli.options import example, service_options
from service.cli.progress import progress_bar
from service.cli.spending import end_bills
from service.client import Client, find_address
from service.contracts.billing import BillIn
from service.imports.focus.bills import Bills
from service.imports.focus.files import read_rows


class Rate(click.ParamType[tuple[str, Decimal]]):
    """An exchange rate such as `EUR=1.0825`: USD for one unit of the currency."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Decimal]:
        """Parse the currency and its rate."""
        code, _, text = str(value).partition("=")
        code = code.strip().upper()
        try:
            rate = Decimal(text.strip())
        except InvalidOperation:
            rate = Decimal(0)
        if not (len(code) == 3 and code.isalpha() and rate.is_finite() and rate > 0):  # noqa: PLR2004 - ISO codes
            self.fail("must be CODE=RATE, for example EUR=1.0825: USD for one euro", param, ctx)
        return code, rate


@click.command("focus", epilog=example("shipledger import focus bill-2026-11.csv --dry-run"))
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--rate",
    "rates",
    type=Rate(),
    multiple=True,
    metavar="EUR=1.0825",
    help="Exchange rate: USD for one unit of a currency, such as EUR=1.0825. Repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Read and count, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@service_options
def import_focus(
    files: tuple[Path, ...],
    rates: tuple[tuple[str, Decimal], ...],
    dry_run: bool,
    as_json: bool,
    url: str | None,
    key: str | None,
) -> None:
    """Import bills: FOCUS 1.0 to 1.4, or GitHub's billing reports.

    Reads CSV and Parquet, also in gzip or zip; delimiter, decimal commas and encoding are recognised. Only charges for
    models are sent, summed by day, model and token kind; of GitHub's reports that is Copilot. Names of accounts, people
    and resources, and tags, are not read. Pass all files of a billing period together: they replace the stored charges
    of that period.

    """
    address = None if dry_run else find_address(url, key)
    bills = Bills(dict(rates))
    with progress_bar("reading", sum(map(_size, files)), in_bytes=True) as advance:
        for file in files:
            bills.add(read_rows(file, advance))
    if address and bills.counts["own_rows"]:
        raise SetUpError(
            "these are charges that Shipledger itself exported, and sending them would count them twice; import the "
            "provider's bill, or add --dry-run to see the totals"
        )
    found = list(bills)
    sent: Counter[str] | None = None
    if address:
        with Client(address) as client:
            sent = send_in_bulks(client, "/api/v1/billing-charges", found, len(found), "bills")
    summary = {
        "files": len(files),
        **{name: bills.counts[name] for name in ("rows", "token_rows", "rows_without_tokens", "other_services")},
        "unknown_units": bills.counts["unknown_units"],
        "bills": len(found),
        "charges": sum(len(bill.charges) for bill in found),
        "tokens": tokens_of(found),
        "billed": bills.billed_text(),
        "unconverted": bills.unconverted(),
        **({"sent": sent} if sent is not None else {}),
    }
    click.echo(json.dumps(summary) if as_json else as_text(summary))
    if address:
        end_bills(address, bills.billed_text(), tokens_of(found), as_json=as_json)


def tokens_of(bills: Sequence[BillIn]) -> int:
    """Return the tokens that bills charge for."""
    return sum(charge.tokens for bill in bills for charge in bill.charges)


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def as_text(summary: dict[str, Any]) -> str:
    """Format the summary as text."""
    billed = ", ".join(f"{amount} {code}" for code, amount in summary["billed"].items())
    lines = [
        f"{counted(summary['files'], 'file')} with {counted(summary['rows'], 'row')}",
        f"  charges for {summary['tokens']:,} tokens in {counted(summary['token_rows'], 'row')}",
        f"  other charges for models (credits, taxes, capacity) in {counted(summary['rows_without_tokens'], 'row')}",
        f"  {counted(summary['other_services'], 'row')} for other services skipped",
        f"  {counted(summary['bills'], 'billing period')} with {counted(summary['charges'], 'charge')}",
        f"  billed: {billed or 'nothing'}",
    ]
    if summary["unknown_units"]:
        lines.append(f"  {summary['unknown_units']} rows measure tokens in an unknown unit: only their cost is sent")
    lines += [
        f"  {code}: no exchange rate, so the charges are stored but not reconciled; pass --rate {code}=..."
        for code in summary["unconverted"]
    ]
    if "sent" in summary:
        counts = ", ".join(f"{count} {name}" for name, count in summary["sent"].items())
        return "\n".join([*lines, f"  sent: {counts or 'nothing'}"])
    return "\n".join([*lines, "  nothing was sent (--dry-run)"])
