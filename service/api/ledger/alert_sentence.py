"""An alert in words. Pure."""

from collections.abc import Mapping
from typing import Any

from schema.vocabulary.tokens import NANO_USD


def alert_sentence(alert: Mapping[str, Any]) -> str:
    """Return what is unusual: which spend, since when, how much, and what made it."""
    usual, spent = (alert[f"{name}_nano_usd"] / NANO_USD for name in ("usual", "spent"))
    if alert["kind"] == "budget":
        period, _, share = alert["subject"].partition(" ")
        whose = alert["team"] or "the organization"
        if share == "forecast":
            return f"Spend of {whose} is likely to reach ${spent:,.0f} of its ${usual:,.0f} for the {period}."
        return f"{whose[0].upper()}{whose[1:]} has spent ${spent:,.0f} of its ${usual:,.0f} for the {period}."
    since = f"{alert['began_on'].day} {alert['began_on']:%b %Y}"
    times = f", {spent / usual:.1f} times the usual ${usual:,.0f}" if usual > 0 else ", and nothing is usual"
    cause = f" Most of the rise is {alert['cause']}." if alert["cause"] else ""
    return f"Spend of {alert['subject']} since {since}: ${spent:,.0f}{times}.{cause}"
