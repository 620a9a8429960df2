"""The switches of PostgreSQL's planner. Nothing turns them but `Tenant.planner`.

They are turned by a literal `SET LOCAL`: on Citus only this form reaches the shards.
"""

from typing import Literal, TypeAlias, TypedDict

Switch: TypeAlias = Literal["on", "off"]


class PlannerSwitches(TypedDict, total=False):
    """PostgreSQL's settings, by their own names and with their own values."""

    enable_nestloop: Switch
    enable_seqscan: Switch
    enable_sort: Switch
    jit: Switch
    plan_cache_mode: Literal["auto", "force_custom_plan", "force_generic_plan"]
    work_mem: str


def set_local(switches: PlannerSwitches) -> str:
    """Statements that turn these switches until the transaction ends."""
    return "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in switches.items())


def set_back(switches: PlannerSwitches, before: PlannerSwitches) -> str:
    """Statements that turn these switches to what they were before: what is not named there to what the session has."""
    return "; ".join(
        f"SET LOCAL {name} = '{before[name]}'" if name in before else f"SET LOCAL {name} = DEFAULT"  # type: ignore[literal-required]
        for name in switches
    )
