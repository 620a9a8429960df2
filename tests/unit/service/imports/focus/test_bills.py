import csv
import gzip
import random
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import SetUpError
from service.contracts.billing import BillIn, ChargeIn
from service.imports.focus.bills import Bills
from service.imports.focus.files import read_rows
from service.imports.focus.rows import Place, Row

PAYLOADS = Path(__file__).resolve().parents[4] / "payloads" / "focus"
MIXED, AZURE = PAYLOADS / "mixed__1_0.csv", PAYLOADS / "azure__1_2.csv"


def read(*files: Path, rates: dict[str, Decimal] | None = None) -> Bills:
    bills = Bills(rates or {})
    for file in files:
        bills.add(read_rows(file, lambda _: None))
    return bills


def charges(bills: Iterable[BillIn]) -> list[ChargeIn]:
    return [charge for bill in bills for charge in bill.charges]


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(SetUpError) as raised:
        read(path)
    return raised.value.detail


def changed(column: str, value: str) -> str:
    """The recorded file with another value in one column of its third line."""
    rows = list(csv.reader(MIXED.read_text().splitlines()))
    rows[2][rows[0].index(column)] = value
    return "\n".join(",".join('"' + field.replace('"', '""') + '"' for field in row) for row in rows)


def test_rows_of_one_day_model_and_kind_are_added_up_exactly() -> None:
    bills = read(MIXED)
    found = {(charge.provider, charge.model, charge.kind): charge for charge in charges(bills)}
    sent = found["anthropic", "claude-sonnet-4-5", "input_uncached"]
    assert (sent.tokens, sent.list_cost, sent.billed_cost) == (1_500_000, Decimal("4.5"), Decimal("4.05"))
    assert found["aws", "claude-sonnet-4-6", "cache_read"].tokens == 5_372_659
    assert found["aws", "claude-sonnet-4-5", "input_uncached"].billed_cost == Decimal("0.0972873")
    assert bills.counts == {
        "rows": 7,
        "token_rows": 5,
        "rows_without_tokens": 1,
        "other_services": 1,
        "unknown_units": 0,
    }
    assert bills.billed_text() == {"USD": "31.87026477"}


def test_a_credit_of_the_whole_period_is_money_of_its_days() -> None:
    (credit,) = [charge for charge in charges(read(MIXED)) if charge.category == "credit"]
    assert (credit.first_day, credit.last_day) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (credit.kind, credit.tokens, credit.billed_cost) == ("other", 0, Decimal("-1.05"))


def test_of_accounts_resources_and_tags_only_the_account_id_is_sent() -> None:
    assert b"CANARY" not in msgspec.json.encode(list(read(MIXED)))


def test_the_exchange_rate_is_read_from_the_file() -> None:
    bills = read(AZURE)
    assert {(charge.currency, charge.exchange_rate) for charge in charges(bills)} == {
        ("EUR", Decimal("1.086956521739"))
    }
    assert bills.unconverted() == []
    reported = read(AZURE, rates={"EUR": Decimal("1.1")})
    assert {charge.exchange_rate for charge in charges(reported)} == {Decimal("1.1")}


def test_a_currency_without_an_exchange_rate_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bill.csv"
    file.write_text(MIXED.read_text().replace(",USD,", ",SEK,"))
    bills = read(file)
    assert bills.unconverted() == ["SEK"]
    assert {charge.exchange_rate for charge in charges(bills)} == {None}


def test_gzip_and_plain_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "bill.csv.gz"
    file.write_bytes(gzip.compress(MIXED.read_bytes()))
    assert list(read(file)) == list(read(MIXED))


def test_a_byte_order_mark_and_names_as_query_engines_write_them_are_read(tmp_path: Path) -> None:
    header, _, rest = MIXED.read_text().partition("\n")
    file = tmp_path / "bill.csv"
    file.write_text("\ufeff" + header.lower() + "\n" + rest, encoding="utf-8")
    assert list(read(file)) == list(read(MIXED))


def test_parquet_and_csv_are_the_same(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    table = arrow_csv.read_csv(
        MIXED,
        convert_options=arrow_csv.ConvertOptions(
            strings_can_be_null=True,
            column_types={
                "BilledCost": arrow.decimal128(30, 12),
                "BillingAccountId": arrow.string(),
                "ChargePeriodStart": arrow.timestamp("us", tz="UTC"),
            },
        ),
    )
    parquet.write_table(table, tmp_path / "bill.parquet")
    assert list(read(tmp_path / "bill.parquet")) == list(read(MIXED))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("BilledCost", "CANARY"),
        ("BilledCost", ""),
        ("BilledCost", "NaN1"),
        ("BilledCost", "Infinity"),
        ("BilledCost", "1e30"),
        ("BilledCost", "1,5"),
        ("BillingCurrency", "CANARY"),
        ("ConsumedQuantity", "CANARY"),
        ("ChargePeriodStart", "11/18/2026"),
        ("ChargePeriodEnd", "2026-11-17T00:00:00Z"),
        ("BillingPeriodEnd", "2026-10-01T00:00:00Z"),
        ("ChargePeriodStart", "1999-11-18T00:00:00Z"),
        ("ChargePeriodStart", "2021-11-18T00:00:00Z"),
        ("BillingPeriodStart", "1999-11-01T00:00:00Z"),
        ("ChargeCategory", "CANARY"),
        ("BillingAccountId", ""),
    ],
)
def test_a_bad_value_is_named_by_file_line_and_column_with_a_remedy(column: str, value: str, tmp_path: Path) -> None:
    detail = refusal(tmp_path / "november.csv", changed(column, value))
    assert f"november.csv, line 3, column {column}: " in detail
    assert "nothing was sent" in detail
    assert "CANARY" not in detail


def test_sums_that_no_bill_holds_are_one_clear_error(tmp_path: Path) -> None:
    header, *rows = MIXED.read_text().splitlines()
    file = tmp_path / "bill.csv"
    file.write_text("\n".join([header, *(row.replace("27,b-1", "600000000,b-1") for row in rows for _ in range(2))]))
    with pytest.raises(SetUpError, match="output of claude-sonnet-4-5: has an amount"):
        list(read(file))
    with pytest.raises(SetUpError, match="exchange rate"):
        list(read(AZURE, rates={"EUR": Decimal(10**9)}))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    detail = refusal(tmp_path / "bill.csv", MIXED.read_text().replace("BilledCost", "Cost", 1))
    assert "line 1, column BilledCost: is missing" in detail


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        gzip.compress(b"x" * 1000, mtime=0)[:20],
        MIXED.read_bytes().replace(b'"Anthropic, PBC"', b'"Anthropic', 1)[:900],
        MIXED.read_bytes()[:-200],
    ],
)
def test_a_truncated_file_is_one_clear_error(content: bytes, tmp_path: Path) -> None:
    assert refusal(tmp_path / "bill.csv", content).startswith("bill.csv")


def test_half_a_parquet_file_is_one_clear_error(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    assert refusal(tmp_path / "bill.parquet", b"PAR1 and no more").startswith(
        "bill.parquet: is not a complete Parquet file"
    )


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match=r"gone\.csv: no such file"):
        read(tmp_path / "gone.csv")


@given(
    costs=st.lists(st.decimals(min_value="-1e6", max_value="1e6", places=12), min_size=1, max_size=30),
    seed=st.integers(),
)
def test_sums_lose_nothing_in_any_order(costs: list[Decimal], seed: int) -> None:
    def bill(amounts: list[Decimal]) -> list[BillIn]:
        bills = Bills({})
        bills.add(one_row(amount) for amount in amounts)
        return list(bills)

    shuffled = random.Random(seed).sample(costs, len(costs))
    assert bill(shuffled) == bill(costs)
    (charge,) = charges(bill(costs))
    assert charge.billed_cost == sum(costs)
    assert charge.tokens == 5 * len(costs)


def one_row(amount: Decimal) -> Row:
    return Row(
        Place("bill.csv", 2),
        {
            "BilledCost": str(amount),
            "BillingAccountId": "b-1",
            "BillingCurrency": "USD",
            "BillingPeriodStart": "2026-11-01T00:00:00Z",
            "BillingPeriodEnd": "2026-12-01T00:00:00Z",
            "ChargeCategory": "Usage",
            "ChargePeriodStart": "2026-11-18T00:00:00Z",
            "ChargePeriodEnd": "2026-11-19T00:00:00Z",
            "ServiceName": "Claude API",
            "SkuMeter": "Output Tokens",
            "ConsumedQuantity": "5",
            "ConsumedUnit": "Tokens",
        },
    )
