"""Receivers of alerts on local ports: a web server that records what it gets, and a mail server with TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.handlers import AsyncMessage
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.harness.answering import Answer, ReceivedRequest, answering

HOST = "127.0.0.1"


@dataclass
class WebReceiver:
    """What a web server received. It answers with each of `answers` once, in order, and then with 202."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    requests: list[ReceivedRequest] = field(default_factory=list)

    def answer(self, request: ReceivedRequest) -> Answer:
        self.requests.append(request)
        return self.answers.pop(0) if self.answers else (202, {}, b"")

    @property
    def bodies(self) -> list[Any]:
        return [msgspec.json.decode(request.body) for request in self.requests]


@contextmanager
def web_receiver(*answers: Answer) -> Iterator[WebReceiver]:
    """Run a web server that records each request."""
    receiver = WebReceiver(answers=list(answers))
    with answering(receiver.answer) as url:
        receiver.url = f"{url}/hooks/CANARY-secret-path"
        yield receiver


class MailReceiver(AsyncMessage):
    """What a mail server received; it refuses each recipient in `refused` with the code given there."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__(EmailMessage)
        self.login = (user.encode(), password.encode())
        self.port = 0
        self.mails: list[Any] = []
        self.recipients: list[list[str]] = []
        self.logins = 0
        self.refused: dict[str, int] = {}

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = (data.login, data.password) == self.login
        self.logins += is_right
        return AuthResult(success=is_right, handled=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if code := self.refused.get(address):
            return f"{code} CANARY {address} is not known"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.recipients.append(list(envelope.rcpt_tos))
        return str(await super().handle_DATA(server, session, envelope))

    async def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@asynccontextmanager
async def mail_receiver(
    folder: Path, encryption: str = "starttls", *, user: str = "finops", password: str = "CANARY-password"
) -> AsyncIterator[MailReceiver]:
    """Run a mail server whose certificate is `folder/mail.pem`; with STARTTLS it needs encryption and a login."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    receiver = MailReceiver(user, password)
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            receiver,
            loop=loop,
            hostname=HOST,
            tls_context=context if encryption == "starttls" else None,
            require_starttls=encryption == "starttls",
            authenticator=receiver.authenticate,
            auth_required=encryption == "starttls",
            auth_require_tls=encryption == "starttls",
        )

    server = await loop.create_server(protocol, HOST, 0, ssl=context if encryption == "tls" else None)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()


def certificate(folder: Path) -> Path:
    """Write a key and a certificate of this machine that is its own authority, in one file; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server of the tests")])
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    usage |= {"crl_sign": False, "encipher_only": False, "decipher_only": False}
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file
