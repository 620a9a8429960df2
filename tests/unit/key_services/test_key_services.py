"""Each key service wraps a data key and unwraps it again, and says whether it refuses or does not answer.

AWS KMS is moto's server, a program of its own. Vault, Google and Azure have none: they are tested against servers on
loopback that follow their documents.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import boto3
import pyrage
import pytest
from moto.server import ThreadedMotoServer

from key_services.azure import AzureService
from key_services.google import GoogleService
from key_services.services import KeyService, key_service
from schema.errors import SetUpError, UnavailableError
from tests.harness.key_services import TOKEN, KeyServer, key_server

DATA_KEY = b"a data key of the tests, long enough to be one"
GOOGLE_KEY = "projects/p/locations/global/keyRings/r/cryptoKeys/k"
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def server() -> Iterator[KeyServer]:
    with key_server() as keys:
        yield keys


@pytest.fixture
def vault(server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> KeyService:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    return key_service(f"vault:{server.url}/transit/shipledger")


def google(url: str, token: str = TOKEN) -> KeyService:
    return GoogleService(GOOGLE_KEY, endpoint=url, credentials=SimpleNamespace(valid=True, token=token))


def azure(url: str, token: str = TOKEN) -> KeyService:
    credential = SimpleNamespace(get_token=lambda _: SimpleNamespace(token=token))
    return AzureService(f"{url}/keys/shipledger", credential=credential)


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws_key(moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the ARN of a new key in moto's KMS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    made = boto3.client("kms", region_name="eu-central-1").create_key(Description="shipledger")
    return str(made["KeyMetadata"]["Arn"])


@pytest.fixture
def wrapping_key(tmp_path: Path) -> str:
    file = tmp_path / "wrapping-key"
    file.write_text(secrets.token_hex(32) + "\n")
    return f"file:{file}"


@pytest.fixture
def identity(tmp_path: Path) -> str:
    """Return the address of an identity file as age-keygen writes it."""
    file, made = tmp_path / "identity", pyrage.x25519.Identity.generate()
    file.write_text(f"# created: 2026-12-01T00:00:00Z\n# public key: {made.to_public()}\n{made}\n")
    return f"age:{file}"


def wraps(service: KeyService) -> bytes:
    wrapped = service.wrap(DATA_KEY)
    assert DATA_KEY not in wrapped
    assert service.unwrap(wrapped) == DATA_KEY
    return wrapped


def test_a_file_wraps_and_another_file_does_not_unwrap(wrapping_key: str, tmp_path: Path) -> None:
    wrapped = wraps(key_service(wrapping_key))
    (tmp_path / "wrapping-key").write_text(secrets.token_hex(32))
    with pytest.raises(SetUpError, match="did not wrap"):
        key_service(wrapping_key).unwrap(wrapped)


def test_an_age_identity_wraps_and_another_does_not_unwrap(identity: str, tmp_path: Path) -> None:
    wrapped = wraps(key_service(identity))
    assert wrapped.startswith(b"age-encryption.org/v1")
    (tmp_path / "identity").write_text(f"{pyrage.x25519.Identity.generate()}\n")
    with pytest.raises(SetUpError, match="does not unwrap"):
        key_service(identity).unwrap(wrapped)


def test_aws_kms_wraps_and_refuses_what_another_key_wrapped(aws_key: str) -> None:
    wrapped = wraps(key_service(f"aws-kms:{aws_key}"))
    other = boto3.client("kms", region_name="eu-central-1").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(SetUpError, match="refused to decrypt"):
        key_service(f"aws-kms:{other}").unwrap(wrapped)


def test_aws_kms_away_is_unavailable(aws_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", NOBODY)
    with pytest.raises(UnavailableError):
        key_service(f"aws-kms:{aws_key}").wrap(DATA_KEY)


def test_vault_wraps_with_the_token_of_a_file_too(
    vault: KeyService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wraps(vault).startswith(b"vault:v1:")
    monkeypatch.setenv("VAULT_TOKEN", "wrong")
    with pytest.raises(SetUpError, match="403"):
        vault.wrap(DATA_KEY)
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("VAULT_TOKEN_FILE", str(tmp_path / "token"))
    wraps(vault)


@pytest.mark.parametrize("make", [google, azure])
def test_google_and_azure_wrap_and_refuse_a_stranger(server: KeyServer, make: Callable[..., KeyService]) -> None:
    wrapped = wraps(make(server.url))
    with pytest.raises(SetUpError, match="401"):
        make(server.url, "wrong").unwrap(wrapped)


def test_azure_unwraps_only_what_its_key_wrapped(server: KeyServer) -> None:
    with pytest.raises(SetUpError, match="did not wrap"):
        azure(server.url).unwrap(b'{"key": "http://elsewhere.example/keys/other/1", "value": "AA"}')


@pytest.mark.parametrize("make", [google, azure])
def test_a_service_that_is_away_or_overloaded_is_unavailable(
    server: KeyServer, make: Callable[..., KeyService], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError, match="reached"):
        make(NOBODY).wrap(DATA_KEY)
    for status in (429, 500, 503):
        monkeypatch.setattr(server, "status", status)
        with pytest.raises(UnavailableError, match=str(status)):
            make(server.url).wrap(DATA_KEY)


@pytest.mark.parametrize(
    "address", ["", "nonsense", "file:", "ftp:/key", "aws-kms:key", "vault:nowhere", "azure-key-vault:https://x"]
)
def test_an_address_of_no_key_is_refused(address: str) -> None:
    with pytest.raises(SetUpError):
        key_service(address)
