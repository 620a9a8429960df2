"""The checks of `shipledger doctor`, in the order in which to fix what they find."""

from service.diagnosis.diagnose import diagnose
from service.diagnosis.finding import Finding, State

__all__ = ["Finding", "State", "diagnose"]
