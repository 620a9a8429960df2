"""Sends mail over SMTP with STARTTLS or TLS; an answer's text may name people, so only its code is kept."""

import smtplib
import socket
import ssl
from datetime import timedelta
from email.message import EmailMessage

from schema.failures import Failure
from workers.alert_channels.errors import ChannelError
from workers.alerts.settings import ChannelSettings
from workers.forge_access.broken import broken_by
from workers.forges.addresses import connect

TIMEOUT = timedelta(seconds=15)
# SMTP calls from here on a refusal permanent (RFC 5321).
PERMANENT = 500


class _PublicSmtp(smtplib.SMTP):
    """Connects to public addresses only."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connect(host, port, timeout, None)


class _PublicSmtpTls(smtplib.SMTP_SSL, _PublicSmtp):
    """The same over TLS from the first byte."""


def send_mail(settings: ChannelSettings, message: EmailMessage, *, allow_private: bool) -> None:
    """Send a mail to all recipients; raises ChannelError. One recipient that accepts it is enough."""
    try:
        with _connect(settings, allow_private=allow_private) as smtp:
            if settings.user:
                _log_in(smtp, settings)
            smtp.send_message(message, settings.sender, list(settings.recipients))
    except OSError as error:
        raise refusal(error) from None


def _log_in(smtp: smtplib.SMTP, settings: ChannelSettings) -> None:
    smtp.ehlo_or_helo_if_needed()
    if not smtp.has_extn("auth"):
        raise ChannelError(Failure.CHANNEL_REFUSED, "it offers no login")
    smtp.login(settings.user, settings.password)


def _connect(settings: ChannelSettings, *, allow_private: bool) -> smtplib.SMTP:
    host, port, seconds = settings.smtp_host, settings.smtp_port, TIMEOUT.total_seconds()
    if settings.encryption == "tls":
        secure = smtplib.SMTP_SSL if allow_private else _PublicSmtpTls
        return secure(host, port, timeout=seconds, context=ssl.create_default_context())
    smtp = (smtplib.SMTP if allow_private else _PublicSmtp)(host, port, timeout=seconds)
    if settings.encryption == "starttls":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
    return smtp


def refusal(error: OSError) -> ChannelError:
    """Return why a mail was not sent."""
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code) if code >= PERMANENT:
            return ChannelError(Failure.CHANNEL_REFUSED, str(code))
        case smtplib.SMTPNotSupportedError():
            return ChannelError(Failure.MAIL_NOT_ENCRYPTED)
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code = min((code for code, _ in refused.values()), default=PERMANENT)
            return ChannelError(Failure.ALERT_REFUSED if code >= PERMANENT else Failure.CHANNEL_AWAY, str(code))
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return ChannelError(Failure.CHANNEL_AWAY, str(error.smtp_code))
        case smtplib.SMTPResponseException(smtp_code=code):
            return ChannelError(Failure.ALERT_REFUSED if code >= PERMANENT else Failure.CHANNEL_AWAY, str(code))
        case _:
            return ChannelError(Failure.CHANNEL_AWAY, broken_by(error))
