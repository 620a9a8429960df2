"""Messages as e-mail. Pure."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from workers.alerts.message import AlertMessage
from workers.alerts.settings import ChannelSettings

LONGEST_SUBJECT = 200


def mail(message: AlertMessage, settings: ChannelSettings, now: datetime) -> EmailMessage:
    """Return a plain mail. Its id is the same at each attempt, so that a mailbox can drop repetitions."""
    lines = [message.sentence, "", *(f"{name}: {value}" for name, value in message.facts)]
    if message.link:
        lines += ["", message.link]
    made = EmailMessage()
    made["From"] = f"Shipledger <{settings.sender}>"
    made["To"] = ", ".join(settings.recipients)
    made["Subject"] = " ".join(f"{message.title}: {message.sentence}".split())[:LONGEST_SUBJECT]
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{message.delivery_key}@{settings.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("\n".join(lines), cte="quoted-printable")
    return made
