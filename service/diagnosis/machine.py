"""Checks of Python, protobuf and the secret key on this machine."""

import platform
import sys

from google.protobuf.internal import api_implementation

from schema.settings import Settings
from service.diagnosis.finding import Finding, missing, ok, warning

OLDEST_PYTHON = (3, 11)


def check_python() -> Finding:
    """Check for Python 3.11 or later."""
    if sys.version_info < OLDEST_PYTHON:
        return missing("python", platform.python_version(), "install Python 3.11 or later")
    return ok("python", platform.python_version())


def check_protobuf() -> Finding:
    """Check for the fast protobuf; without it, decoding telemetry takes about twenty times as long."""
    kind = api_implementation.Type()
    if kind != "upb":
        remedy = "install protobuf from its wheel and unset PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"
        return warning("protobuf", f"the slow implementation ({kind}) is in use", remedy)
    return ok("protobuf", kind)


def check_secret_key(settings: Settings) -> Finding:
    """Check that the master secret is set."""
    if not settings.secret_key.get_secret_value():
        return missing(
            "secret key",
            "SHIPLEDGER_SECRET_KEY is not set",
            "set it once and keep it; create one with: openssl rand -hex 32",
        )
    return ok("secret key", "set")
