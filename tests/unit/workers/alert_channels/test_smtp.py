"""What an answer of a mail server means."""

import smtplib
import ssl

import pytest

from schema.failures import Failure
from workers.alert_channels.smtp import refusal

JANE = "CANARY jane@example.com"


@pytest.mark.parametrize(
    ("error", "stored"),
    [
        (smtplib.SMTPAuthenticationError(535, JANE.encode()), "channel_refused: 535"),
        (smtplib.SMTPAuthenticationError(454, b"later"), "channel_away: 454"),
        (smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server."), "mail_not_encrypted"),
        (smtplib.SMTPRecipientsRefused({JANE: (550, JANE.encode())}), "alert_refused: 550"),
        (smtplib.SMTPRecipientsRefused({JANE: (550, b""), "b": (451, b"greylisted")}), "channel_away: 451"),
        (smtplib.SMTPSenderRefused(553, JANE.encode(), JANE), "alert_refused: 553"),
        (smtplib.SMTPSenderRefused(421, b"", JANE), "channel_away: 421"),
        (smtplib.SMTPDataError(552, b"too large"), "alert_refused: 552"),
        (smtplib.SMTPConnectError(554, b"no"), "channel_away: 554"),
        (smtplib.SMTPServerDisconnected(JANE), "channel_away: the connection failed"),
        (ConnectionRefusedError(), "channel_away: the connection was refused"),
        (TimeoutError(), "channel_away: the connection timed out"),
        (ssl.SSLCertVerificationError(JANE), "channel_away: its TLS certificate is not accepted"),
    ],
)
def test_an_answer_is_refused_or_tried_again_and_its_text_is_not_kept(error: OSError, stored: str) -> None:
    assert refusal(error).stored() == stored
    assert Failure(stored.partition(":")[0])
