"""Alerts reach mailboxes through a mail server with a login and TLS."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.receivers import MailReceiver, mail_receiver
from tests.integration.workers.alerts import Alerts
from workers.context import WorkerContext

LOGIN = {"user": "finops", "password": "CANARY-password"}


@pytest.fixture
async def alerts(
    client: httpx.AsyncClient, database: Database, organization: Organization, worker_context: WorkerContext
) -> Alerts:
    found = Alerts(client, organization, database, worker_context)
    await found.set_up()
    return found


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a certificate that workers trust, as they trust that of a company's own authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
    return tmp_path


async def add(alerts: Alerts, server: MailReceiver, **fields: Any) -> Any:
    basis = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "sender": "ledger@example.com"}
    return await alerts.add("email", **{**basis, "recipients": ["CANARY.jane@example.com"], **fields})


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
async def test_an_alert_is_mailed_over_tls_after_a_login(alerts: Alerts, trusted: Path, encryption: str) -> None:
    async with mail_receiver(trusted, encryption) as server:
        await add(alerts, server, encryption=encryption, recipients=["a@example.com", "b@example.com"], **LOGIN)
        await alerts.raise_alert()
        await alerts.deliver()
        assert await alerts.states() == [("raised", "delivered", None)]
        (mail,) = server.mails
    assert (server.logins, server.recipients) == (1, [["a@example.com", "b@example.com"]])
    assert mail["From"] == "Shipledger <ledger@example.com>"
    assert mail["Subject"] == "Spend alert: Spend of team web rose."
    body = mail.get_payload(decode=True).decode()
    assert "Spent: $250.00" in body
    assert "https://shipledger.example.com/spend?team=web" in body
    assert "CANARY" not in body


async def test_a_certificate_that_is_not_trusted_gets_neither_password_nor_alert(
    alerts: Alerts, tmp_path: Path
) -> None:
    async with mail_receiver(tmp_path) as server:
        await add(alerts, server, **LOGIN)
        await alerts.ask("POST", "alert-channels/1/test", {}, 202)
        await alerts.deliver()
        (test,) = await alerts.sent()
    assert (test["state"], test["failure"]) == ("failed", "channel_away")
    assert "its TLS certificate is not accepted" in test["reason"]
    assert (server.logins, server.mails) == (0, [])


async def test_a_wrong_password_is_refused_with_what_to_do(alerts: Alerts, trusted: Path) -> None:
    async with mail_receiver(trusted) as server:
        await add(alerts, server, user="finops", password="CANARY-wrong")
        await alerts.raise_alert()
        await alerts.deliver()
        (sent,) = await alerts.sent()
    assert (sent["state"], sent["failure"], server.mails) == ("dead", "channel_refused", [])
    assert "It answered: 535." in sent["reason"]


async def test_a_server_without_encryption_gets_a_mail_only_if_the_channel_says_so(
    alerts: Alerts, tmp_path: Path
) -> None:
    async with mail_receiver(tmp_path, "none") as server:
        await add(alerts, server, name="encrypted", **LOGIN)
        await add(alerts, server, name="plain", encryption="none")
        await alerts.raise_alert()
        await alerts.deliver()
    assert await alerts.states() == [("raised", "dead", "mail_not_encrypted"), ("raised", "delivered", None)]
    assert (server.logins, len(server.mails)) == (0, 1)


async def test_refused_recipients_are_not_named(alerts: Alerts, tmp_path: Path) -> None:
    async with mail_receiver(tmp_path, "none") as server:
        server.refused = {"CANARY.jane@example.com": 550}
        await add(alerts, server, encryption="none")
        await alerts.raise_alert()
        await alerts.deliver()
        (sent,) = await alerts.sent()
        assert (sent["state"], sent["failure"]) == ("dead", "alert_refused")
        assert "jane" not in sent["reason"]
        await add(alerts, server, name="two", encryption="none", recipients=["CANARY.jane@example.com", "a@b.com"])
        await alerts.raise_alert("budget", "month 50 %")
        await alerts.deliver()
    assert server.recipients == [["a@b.com"]]


async def test_a_mail_server_that_is_away_is_tried_again(alerts: Alerts, tmp_path: Path) -> None:
    async with mail_receiver(tmp_path, "none") as server:
        pass
    await add(alerts, server, encryption="none")
    await alerts.ask("POST", "alert-channels/1/test", {}, 202)
    await alerts.deliver()
    (test,) = await alerts.sent()
    assert "the connection was refused" in test["reason"]


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
async def test_a_mail_server_on_a_private_address_is_not_reached_unless_it_is_allowed(
    alerts: Alerts, trusted: Path, encryption: str
) -> None:
    async with mail_receiver(trusted, encryption) as server:
        await add(alerts, server, encryption=encryption, **LOGIN)
        await alerts.raise_alert()
        await alerts.deliver(allow_private=False)
    assert await alerts.states() == [("raised", "dead", "private_address")]
    assert (server.logins, server.mails) == (0, [])
