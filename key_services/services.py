"""Key services: what wraps and unwraps the data keys of a key file, chosen by the address of a key there."""

from importlib import import_module
from typing import Protocol

from schema.errors import SetUpError

# Modules are imported only when used, because some need an optional library.
_ADAPTERS = {
    "file": ("key_services.local", "FileService"),
    "age": ("key_services.age", "AgeService"),
    "aws-kms": ("key_services.aws", "AwsService"),
    "gcp-kms": ("key_services.google", "GoogleService"),
    "azure-key-vault": ("key_services.azure", "AzureService"),
    "vault": ("key_services.vault", "VaultService"),
}
_EXTRAS = {"age": "kms-age", "aws-kms": "kms-aws", "gcp-kms": "kms-gcp", "azure-key-vault": "kms-azure"}


class KeyService(Protocol):
    """A key that never leaves its service and encrypts data keys there. Calls block.

    Both raise UnavailableError if the service does not answer, and SetUpError if it refuses.
    """

    def wrap(self, plain: bytes) -> bytes:
        """Encrypt a data key."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key."""


def key_service(address: str) -> KeyService:
    """Return the service of a key by its address, such as `aws-kms:arn:aws:kms:…`.

    Raises SetUpError for an unknown kind of address, or if its library is not installed.
    """
    kind, _, place = address.partition(":")
    if kind not in _ADAPTERS or not place:
        raise SetUpError(f"{address} is not the address of a key; it must begin with one of: {', '.join(_ADAPTERS)}")
    module, name = _ADAPTERS[kind]
    try:
        service: KeyService = getattr(import_module(module), name)(place)
    except ImportError as error:
        extra = _EXTRAS.get(kind, "")
        raise SetUpError(f"{kind} needs an optional library; run: pip install 'shipledger[{extra}]'") from error
    return service
