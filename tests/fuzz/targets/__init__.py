"""Every target by name."""

from tests.fuzz.target import Target
from tests.fuzz.targets import bills, imports, otlp, requests, texts, webhooks

TARGETS: dict[str, Target] = {
    target.name: target for module in (otlp, webhooks, imports, bills, texts, requests) for target in module.TARGETS
}
