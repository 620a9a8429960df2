"""What mailboxes are sent."""

from tests.unit.workers.alerts.messages import NOW, SENTENCE, message, trial
from workers.alerts.mail import LONGEST_SUBJECT, mail
from workers.alerts.settings import ChannelSettings

SETTINGS = ChannelSettings(sender="ledger@example.com", recipients=("finops@example.com", "lead@example.com"))


def test_a_mail_is_plain_text_with_the_sentence_the_figures_and_the_link() -> None:
    made = mail(message(), SETTINGS, NOW)
    assert (made["From"], made["To"]) == (
        "Shipledger <ledger@example.com>",
        "finops@example.com, lead@example.com",
    )
    assert made["Subject"] == f"Spend alert: {SENTENCE}"
    assert made["Auto-Submitted"] == "auto-generated"
    assert made.get_content().splitlines() == [
        SENTENCE,
        "",
        "Team: R&D <web>",
        "Spent: $612.00",
        "Usual: $150.00",
        "Since: 2026-11-24",
        "Cause: model opus",
        "",
        "https://shipledger.example.com/spend?period=2026-11-24..2026-11-29&team=R%26D+%3Cweb%3E",
    ]


def test_a_repeated_mail_has_the_same_id() -> None:
    assert mail(message(), SETTINGS, NOW)["Message-ID"] == "<msg_3_12@example.com>"


def test_a_name_adds_no_header_and_only_so_much_to_the_subject() -> None:
    made = mail(message(sentence=f"Spend of a\r\nBcc: x@example.com {'y' * 500}"), SETTINGS, NOW)
    assert made["Bcc"] is None
    assert len(made["Subject"]) == LONGEST_SUBJECT


def test_a_test_without_a_dashboard_is_one_sentence() -> None:
    assert mail(trial(), SETTINGS, NOW).get_content().startswith("Alerts of Shipledger will arrive here.\n")
    assert b"\n\nAlerts" in mail(message(None, event="test", alert_id=None), SETTINGS, NOW).as_bytes()
