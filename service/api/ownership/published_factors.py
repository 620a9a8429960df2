"""Published factors of energy and carbon, which hold where an organization sets none. Pure data, each with its source.

Providers publish hardly any energy by token, so these are estimates with a wide range. Jegham et al. 2025
(https://arxiv.org/abs/2505.09598) estimate 0.42 Wh for a short GPT-4o prompt, with 300 output tokens 1.4 Wh for 1,000,
which is within the range. Two publications cannot be used: Mistral's life cycle assessment of July 2025 has 1.14 g CO2e
for an answer of 400 tokens, but together with the manufacture of hardware; Google's report of August 2025 has 0.24 Wh
for the median Gemini prompt, but not its number of tokens.
"""

from datetime import date
from typing import NamedTuple

EPOCH = "https://epoch.ai/gradient-updates/how-much-energy-does-chatgpt-use"
OUR_WORLD_IN_DATA = "https://ourworldindata.org/grapher/carbon-intensity-electricity"


class Published(NamedTuple):
    """A published factor in millionths of its unit, the address and date of its source, and how it follows from it."""

    part: str
    low: int
    value: int
    high: int
    url: str
    published_on: date
    note: str


PUBLISHED = (
    Published(
        "energy_per_output",
        120_000,
        602_000,
        2_608_000,
        EPOCH,
        date(2025, 2, 7),
        "Epoch AI estimates 0.301 Wh for a GPT-4o answer of 500 output tokens (likely), 0.060 Wh for a smaller model"
        " (low) and 1.304 Wh for a larger model with half the utilisation (high), on H100 servers with cooling.",
    ),
    Published(
        "energy_per_input",
        0,
        220_000,
        397_000,
        EPOCH,
        date(2025, 2, 7),
        "Epoch AI estimates 2.5 Wh with 10,000 input tokens and 40 Wh with 100,000, beside 0.3 Wh without: 0.22 Wh"
        " (likely) and 0.397 Wh (high) for 1,000. Low counts no input. Only high counts tokens read from a cache.",
    ),
    Published(
        "carbon_per_kwh",
        96_000,
        481_000,
        713_000,
        OUR_WORLD_IN_DATA,
        date(2024, 7, 3),
        "Ember: 481 g for the world (likely) and 713 g for India (high) in 2023. Low: 0.023 g for 0.24 Wh in Google's"
        " report of August 2025 (https://arxiv.org/abs/2508.15734), with the renewable power that it buys.",
    ),
)
