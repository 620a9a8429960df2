"""Checks of Python, protobuf and the secret key on this machine."""

import platform
import sys
from pathlib import Path

from google.protobuf.internal import api_implementation

from key_services.configured import has_keys
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


def not_running(data: Path) -> Finding:
    """Report that the stack of a data folder does not run."""
    return missing("shipledger up", f"not running; its data is in {data}", "start it with: shipledger up")


def check_secret_key(settings: Settings, *, has_data: bool | None) -> Finding:
    """Check that the master secret is set. A new one is proposed only where nothing is stored with the previous one.

    `has_data` is None if the database does not answer.
    """
    if has_keys(settings):
        return ok("secret key", "set")
    if has_data is False:
        remedy = "set it once and keep it; create one with: openssl rand -hex 32"
    else:
        remedy = "set it to the value that the stored data was encrypted with; a new one cannot decrypt it"
    return missing("secret key", "SHIPLEDGER_SECRET_KEY is not set", remedy)
