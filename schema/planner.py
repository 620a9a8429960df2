"""Planner settings of PostgreSQL. Only `Tenant.planner` changes them.

They are set by a literal `SET LOCAL`, the only form that reaches the shards on Citus.
"""

from typing import Literal, TypeAlias, TypedDict

Switch: TypeAlias = Literal["on", "off"]


class PlannerSwitches(TypedDict, total=False):
    """Names and values of PostgreSQL settings."""

    enable_nestloop: Switch
    enable_seqscan: Switch
    enable_sort: Switch
    jit: Switch
    plan_cache_mode: Literal["auto", "force_custom_plan", "force_generic_plan"]
    work_mem: str


def set_local(switches: PlannerSwitches) -> str:
    """Return statements that set these switches until the transaction ends."""
    return "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in switches.items())


def restore_local(switches: PlannerSwitches, before: PlannerSwitches) -> str:
    """Return statements that restore these switches: to `before`, or else to the value of the session."""
    return "; ".join(
        f"SET LOCAL {name} = '{before[name]}'" if name in before else f"SET LOCAL {name} = DEFAULT"  # type: ignore[literal-required]
        for name in switches
    )
