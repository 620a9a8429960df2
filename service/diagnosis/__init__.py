"""The checks of `shipledger doctor`, in the order in which to fix what they find."""

from service.diagnosis.diagnose import diagnose, diagnose_remote
from service.diagnosis.finding import Finding, State
from service.diagnosis.machine import not_running

__all__ = ["Finding", "State", "diagnose", "diagnose_remote", "not_running"]
