import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from schema.errors import SetUpError
from service.contracts.billing import BillIn, ChargeIn
from service.imports.focus.bills import Bills
from service.imports.focus.files import read_rows

AI_USAGE = (
    "date,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,"
    "net_amount,total_monthly_quota,organization,repository,cost_center_name,aic_quantity,aic_gross_amount"
)
CREDITS = (
    "2026-11-02,CANARY,copilot,copilot_ai_credit,Auto: Claude Sonnet 4.5,868.7,ai-credits,0.01,8.687,6.425,2.262,3900,"
    "octo-org,CANARY,CANARY,868.7,8.687"
)
AGENT = (
    "2026-11-02,CANARY,copilot,coding_agent_ai_credit,GPT-5.4,100,ai-credits,0.01,1,0,1,3900,"
    "octo-org,CANARY,CANARY,100,1"
)


def read(folder: Path, *lines: str) -> Bills:
    path = folder / "report.csv"
    path.write_text("\n".join(lines))
    bills = Bills({})
    bills.add(read_rows(path, lambda _: None))
    return bills


def charges(bills: Bills) -> list[ChargeIn]:
    return [charge for bill in bills for charge in bill.charges]


def test_ai_credits_are_a_bill_of_a_month_by_day_and_model(tmp_path: Path) -> None:
    bills = read(tmp_path, AI_USAGE, CREDITS, CREDITS, AGENT)
    (bill,) = bills
    assert (bill.issuer, bill.account) == ("GitHub", "octo-org")
    assert (str(bill.period_start), str(bill.period_end)) == ("2026-11-01", "2026-12-01")
    found = {charge.model: charge for charge in bill.charges}
    assert set(found) == {"claude-sonnet-4-5", "gpt-5.4"}
    sonnet = found["claude-sonnet-4-5"]
    assert (sonnet.provider, sonnet.kind, sonnet.tokens) == ("github-copilot", "other", 0)
    assert (sonnet.billed_cost, sonnet.list_cost) == (Decimal("4.524"), Decimal("17.374"))
    assert bills.billed_text() == {"USD": "5.524"}
    assert "CANARY" not in repr(list(bills))


def test_tokens_share_the_money_of_their_row_by_list_price(tmp_path: Path) -> None:
    bills = read(
        tmp_path,
        AI_USAGE + ",input,output,cache_read,cache_write",
        CREDITS.replace("8.687,6.425,2.262", "10.6,0,10.6") + ",1000000,200000,2000000,1000000",
    )
    found = {charge.kind: charge for charge in charges(bills)}
    assert {kind: charge.tokens for kind, charge in found.items()} == {
        "input_uncached": 1_000_000,
        "cache_read": 2_000_000,
        "cache_write": 1_000_000,
        "output": 200_000,
    }
    # Sonnet costs $3 for a million of input, $0.30 read, $3.75 written, $15 for output: 3 + 0.6 + 3.75 + 3 = 10.35.
    assert sum(charge.billed_cost for charge in found.values()) == Decimal("10.6")
    assert found["cache_read"].billed_cost == round(Decimal("10.6") * Decimal("0.6") / Decimal("10.35"), 12)


def test_a_model_without_a_price_splits_by_usual_ratios_and_loses_nothing(tmp_path: Path) -> None:
    bills = read(
        tmp_path,
        AI_USAGE + ",input,output",
        AGENT.replace("GPT-5.4", "Nobody Knows 1") + ",10,3",
        AGENT.replace("GPT-5.4", "Nobody Knows 1").replace(",1,0,1,", ",0.07,0,0.07,") + ",7,3",
    )
    assert sum(charge.billed_cost for charge in charges(bills)) == Decimal("1.07")
    assert sum(charge.tokens for charge in charges(bills)) == 23


def test_premium_requests_and_seats_are_money_and_other_products_are_not_of_models(tmp_path: Path) -> None:
    bills = read(
        tmp_path,
        "date,product,sku,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,net_amount",
        "2026-11-02,copilot,copilot_premium_request,10,requests,0.04,0.4,0,0.4",
        "2026-11-02,copilot,copilot_for_business,0.0333,user-months,19,0.6333,0,0.6333",
        "2026-11-02,actions,actions_linux,100,minutes,0.008,0.8,0,0.8",
    )
    assert bills.billed_text() == {"USD": "1.0333"}
    assert (bills.counts["rows_without_tokens"], bills.counts["other_services"]) == (2, 1)


def test_a_report_is_sniffed_like_any_bill(tmp_path: Path) -> None:
    plain: list[BillIn] = list(read(tmp_path, AI_USAGE, CREDITS))
    local = [line.replace(",", ";").replace(".", ",") for line in (AI_USAGE, CREDITS)]
    local[1] = local[1].replace("4,5", "4.5")
    assert list(read(tmp_path, *local)) == plain
    packed = tmp_path / "report.gz"
    packed.write_bytes(gzip.compress(f"{AI_USAGE}\n{CREDITS}".encode("utf-16")))
    bills = Bills({})
    bills.add(read_rows(packed, lambda _: None))
    assert list(bills) == plain


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("2026-11-02", "CANARY", "column date: must be a day"),
        ("2.262", "CANARY", "column net_amount: must be a decimal number"),
        ("2.262", "", "column net_amount: is empty"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_by_place(before: str, after: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SetUpError) as raised:
        read(tmp_path, AI_USAGE, CREDITS, CREDITS.replace(before, after))
    assert "report.csv, line 3, " + says in raised.value.detail
    assert "CANARY" not in raised.value.detail
