"""What stands between an installation and its first number, in the order in which to see to it."""

from service.diagnosis.diagnose import diagnose
from service.diagnosis.finding import Finding, State

__all__ = ["Finding", "State", "diagnose"]
