import re
from pathlib import Path

from schema.planner import PlannerSwitches, set_back, set_local

PROJECT = Path(__file__).resolve().parents[3]
SETTING = "enable_[a-z]+|jit[a-z_]*|plan_cache_mode|work_mem|[a-z]+_page_cost|[a-z]+_tuple_cost"
TURNED = re.compile(rf"\bSET\s+(?:LOCAL\s+|SESSION\s+)?(?:{SETTING})\b|set_config\(\s*'(?:{SETTING})'", re.IGNORECASE)


def test_switches_are_literal_statements() -> None:
    assert set_local({"jit": "off", "work_mem": "64MB"}) == "SET LOCAL jit = 'off'; SET LOCAL work_mem = '64MB'"


def test_what_was_not_switched_before_is_set_back_to_what_the_session_has() -> None:
    back = set_back({"jit": "off", "enable_sort": "off"}, {"jit": "on", "work_mem": "64MB"})
    assert back == "SET LOCAL jit = 'on'; SET LOCAL enable_sort = DEFAULT"


def test_no_statement_turns_a_switch_by_itself() -> None:
    sources = [path for folder in ("schema", "service", "workers") for path in (PROJECT / folder).rglob("*.py")]
    assert [str(path.relative_to(PROJECT)) for path in sources if TURNED.search(path.read_text())] == []
    assert all(TURNED.search(set_local({name: "off"})) for name in PlannerSwitches.__annotations__)
