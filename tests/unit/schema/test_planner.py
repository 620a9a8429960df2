import re
from pathlib import Path

from schema.planner import PlannerSwitches, restore_local, set_local

PROJECT = Path(__file__).resolve().parents[3]
SETTING = "enable_[a-z]+|jit[a-z_]*|plan_cache_mode|work_mem|[a-z]+_page_cost|[a-z]+_tuple_cost"
SETS = re.compile(rf"\bSET\s+(?:LOCAL\s+|SESSION\s+)?(?:{SETTING})\b|set_config\(\s*'(?:{SETTING})'", re.IGNORECASE)


def test_switches_are_literal_statements() -> None:
    assert set_local({"jit": "off", "work_mem": "64MB"}) == "SET LOCAL jit = 'off'; SET LOCAL work_mem = '64MB'"


def test_a_switch_without_an_outer_value_is_restored_to_the_value_of_the_session() -> None:
    restored = restore_local({"jit": "off", "enable_sort": "off"}, {"jit": "on", "work_mem": "64MB"})
    assert restored == "SET LOCAL jit = 'on'; SET LOCAL enable_sort = DEFAULT"


def test_no_other_statement_sets_a_planner_switch() -> None:
    sources = [path for folder in ("schema", "service", "workers") for path in (PROJECT / folder).rglob("*.py")]
    assert [str(path.relative_to(PROJECT)) for path in sources if SETS.search(path.read_text())] == []
    assert all(SETS.search(set_local({name: "off"})) for name in PlannerSwitches.__annotations__)
