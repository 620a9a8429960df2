"""A key of AWS KMS, by its ARN. Credentials are those of AWS's own settings (environment, profile, role).

https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
"""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as UnreachableError

from schema.errors import SetUpError, UnavailableError

CONTEXT = {"application": "shipledger"}
CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
OVERLOADED = {"ThrottlingException", "KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException"}
SERVER_ERROR = 500


class AwsService:
    """Wraps with the key's Encrypt operation."""

    def __init__(self, arn: str) -> None:
        parts = arn.split(":")
        if not arn.startswith("arn:") or len(parts) < 6:  # noqa: PLR2004 - arn:aws:kms:REGION:ACCOUNT:key/ID
            raise SetUpError(f"{arn} is not the ARN of a key of AWS KMS")
        self._arn = arn
        self._client = boto3.client("kms", region_name=parts[3], config=CONFIG)

    def wrap(self, plain: bytes) -> bytes:
        """Encrypt a data key."""
        return bytes(self._call("encrypt", Plaintext=plain)["CiphertextBlob"])

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key."""
        return bytes(self._call("decrypt", CiphertextBlob=wrapped)["Plaintext"])

    def _call(self, operation: str, **values: bytes) -> Any:
        try:
            return getattr(self._client, operation)(KeyId=self._arn, EncryptionContext=CONTEXT, **values)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status >= SERVER_ERROR or code in OVERLOADED:
                raise UnavailableError("AWS KMS does not answer; try again in a moment") from error
            raise SetUpError(f"AWS KMS refused to {operation} with {self._arn} ({code})") from error
        except (UnreachableError, HTTPClientError) as error:
            raise UnavailableError("AWS KMS cannot be reached; try again in a moment") from error
        except BotoCoreError as error:
            raise SetUpError(f"AWS KMS cannot be used ({type(error).__name__}); check the credentials") from error
