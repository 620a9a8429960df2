"""The tables. Importing this package registers all of them with SQLModel's metadata."""

from importlib import import_module
from pkgutil import iter_modules

from sqlmodel import SQLModel

for module in iter_modules(__path__, f"{__name__}."):
    import_module(module.name)

METADATA = SQLModel.metadata
TENANT_TABLES = tuple(sorted(METADATA.tables))
