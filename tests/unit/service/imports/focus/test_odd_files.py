"""One charge in many kinds of files: 500,000 tokens for 1.25."""

import csv
import gzip
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.service.imports.focus.test_bills import charges, read

CHARGE = {
    "BilledCost": "1.25",
    "BillingAccountId": "acc-1",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-11-01T00:00:00Z",
    "BillingPeriodEnd": "2026-12-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargePeriodStart": "2026-11-20T00:00:00Z",
    "ChargePeriodEnd": "2026-11-21T00:00:00Z",
    "ServiceName": "Azure OpenAI",
    "ConsumedQuantity": "500",
    "ConsumedUnit": "1K",
    "SkuMeter": "gpt 4o 1120 Inp glbl Tokens",
}


def text(delimiter: str = ",", decimal: str = ".", end: str = "", **values: str) -> str:
    rows = CHARGE | values
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(rows)
    numbers = ("BilledCost", "ConsumedQuantity", "PricingQuantity")
    writer.writerow(value.replace(".", decimal) if name in numbers else value for name, value in rows.items())
    return "".join(f"{line}{end}\r\n" for line in written.getvalue().splitlines())


def zipped(**files: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", ".").replace("_MAC_", "__MACOSX/._"), content)
    return whole.getvalue()


GERMAN = text(";", ",")


@pytest.mark.parametrize(
    "content",
    [
        GERMAN.encode(),
        GERMAN.encode("utf-16"),
        GERMAN.encode("utf-16-le"),
        gzip.compress(GERMAN.encode("utf-16")),
        zipped(bill__csv=GERMAN.encode("utf-16"), _MAC_bill__csv=b"junk"),
        zipped(bill__csv__gz=gzip.compress(GERMAN.encode())),
        zipped(bill__csv=GERMAN.encode(), manifest__json=b"{}"),
        text("\t").encode(),
        text("\t", ",").encode(),
        text("|").encode(),
        ("sep=;\r\n" + GERMAN).encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + text().encode(),
        text(";", ",", end=";").encode(),
        ("\r\n\r\n" + text() + "\r\n").encode(),
        text(BilledCost="1.25E0").encode(),
        text(ConsumedQuantity="", ConsumedUnit="", PricingQuantity="0.5", PricingUnit="1M Tokens").encode(),
        text(ConsumedQuantity="0.5", ConsumedUnit="Million Tokens").encode(),
    ],
)
def test_a_charge_is_the_same_in_every_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_bytes(content)
    (charge,) = charges(read(tmp_path / "bill.csv"))
    assert (charge.tokens, charge.billed_cost) == (500_000, Decimal("1.25"))


@pytest.mark.parametrize(
    ("content", "cost"),
    [
        (text(";", BilledCost="1.234,50").encode(), "1234.50"),
        (text(BilledCost="1,234.50").encode(), "1234.50"),
    ],
)
def test_thousands_are_no_decimals(content: bytes, cost: str, tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_bytes(content)
    (charge,) = charges(read(tmp_path / "bill.csv"))
    assert charge.billed_cost == Decimal(cost)


@pytest.mark.parametrize(
    ("values", "sold"),
    [
        (
            {
                "ProviderName": "Anthropic",
                "PublisherName": "Anthropic",
                "ServiceName": "Claude API",
                "SkuMeter": "",
                "ChargeDescription": "Claude Sonnet 4.5 Output Tokens",
            },
            ("anthropic", "claude-sonnet-4-5", "output"),
        ),
        (
            {
                "ServiceProviderName": "Amazon Web Services",
                "HostProviderName": "Amazon Web Services",
                "ServiceName": "Amazon Bedrock",
                "SkuMeter": "USE1-Claude4.5Sonnet-cache-read-input-token-count",
            },
            ("aws", "claude-sonnet-4-5", "cache_read"),
        ),
        (
            {
                "ServiceProviderName": "Google Cloud",
                "ServiceName": "Vertex AI",
                "SkuMeter": "Gemini 2.5 Flash Text Output - Predictions",
                "AllocatedMethodId": "m",
                "AllocatedResourceId": "r",
            },
            ("google", "gemini-2.5-flash", "output"),
        ),
        (
            {"ServiceName": "OpenAI API", "SkuMeter": "gpt-5 tokens", "SkuPriceDetails": '{"x_TokenType":"reasoning"}'},
            ("openai", "gpt-5", "output"),
        ),
    ],
)
def test_every_version_of_focus_names_the_same_charge(
    values: dict[str, str], sold: tuple[str, str, str], tmp_path: Path
) -> None:
    (tmp_path / "bill.csv").write_text(text(**values))
    (charge,) = charges(read(tmp_path / "bill.csv"))
    assert (charge.provider, charge.model, charge.kind) == sold
