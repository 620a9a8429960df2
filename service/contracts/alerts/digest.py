"""The digest of a week: the response of `GET /api/v1/digest`."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct


class DigestFact(Struct, frozen=True, kw_only=True):
    """A line of the digest."""

    name: Annotated[str, Meta(description="What it is about, such as `Dearest`")]
    text: Annotated[str, Meta(description="The figures in words")]


class DigestShown(Struct, frozen=True, kw_only=True):
    """What channels with a digest receive. It names neither teams nor people. Costs are list prices."""

    first_day: Annotated[date, Meta(description="Monday of the week (UTC)")]
    last_day: Annotated[date, Meta(description="Sunday of the week (UTC)")]
    settled: Annotated[bool, Meta(description="Whether the week is settled; if false, figures will change")]
    title: Annotated[str, Meta(description="The week in words")]
    sentence: Annotated[str, Meta(description="How much spend changed from the week before, and why")]
    facts: Annotated[list[DigestFact], Meta(description="Spend, merged pull requests, the dearest, and certainty")]
    link: Annotated[str, Meta(description="Address of the page that shows the week, below the URL of the dashboard")]
