"""Generated requests through a gateway: logged bytes, true tokens, and reported tokens.

The bytes of a text depend on tokenizer and language (English has about four bytes a token, Japanese and Chinese about
three, source code between). JSON adds an envelope, and a stream adds one to each chunk of a few tokens. All values are
random; none come from a company.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

DAYS: Final = 14
OUTLIERS: Final = 0.05
# Bytes per token of each language relative to English, and the variation between texts (log scale).
LANGUAGES: Final = ((1.0, 0.06), (0.82, 0.10), (0.70, 0.12), (1.15, 0.10))


@dataclass(frozen=True, slots=True)
class Model:
    """A model's traffic: bytes per English token, mix of languages, bytes of envelopes, size of requests."""

    name: str
    provider: str
    bytes_a_token: float
    languages: tuple[float, float, float, float]
    request_envelope: int
    response_envelope: int
    chunk_envelope: int
    tokens_a_chunk: float
    streamed: float
    input_tokens: float
    output_tokens: float
    requests_a_day: int


MODELS: Final = (
    Model("sonnet-like", "anthropic", 3.6, (0.5, 0.4, 0.1, 0.0), 900, 420, 118, 3.0, 0.8, 6000, 350, 700),
    Model("haiku-like", "anthropic", 3.6, (0.7, 0.3, 0.0, 0.0), 700, 420, 118, 3.0, 0.3, 1500, 120, 500),
    Model("opus-like", "anthropic", 3.4, (0.6, 0.3, 0.1, 0.0), 900, 420, 118, 3.5, 0.9, 8000, 600, 150),
    Model("gpt-like", "openai", 4.3, (0.6, 0.2, 0.2, 0.0), 500, 610, 214, 1.0, 0.6, 3000, 400, 600),
    Model("nano-like", "openai", 4.3, (0.3, 0.0, 0.4, 0.3), 500, 610, 214, 1.0, 0.0, 400, 60, 800),
    Model("mini-like", "openai", 4.1, (0.5, 0.3, 0.2, 0.0), 500, 610, 214, 1.0, 0.4, 1200, 250, 400),
    Model("gemini-like", "google", 4.1, (0.4, 0.4, 0.2, 0.0), 350, 520, 310, 12.0, 0.5, 9000, 500, 120),
    Model("rare-like", "mistral", 3.9, (0.5, 0.5, 0.0, 0.0), 450, 480, 190, 1.2, 0.5, 2000, 200, 25),
)


@dataclass(frozen=True, slots=True, eq=False)
class Traffic:
    """Requests of one model in order of time; every column (requests,).

    `told_*` are the reported tokens, if any, and wrong for some; `*_tokens` are the true ones.
    """

    model: Model
    day: NDArray[np.int64]
    stream: NDArray[np.bool_]
    request_bytes: Real
    response_bytes: Real
    input_tokens: Real
    output_tokens: Real
    reported_input: Real
    reported_output: Real


def traffic(model: Model, generator: np.random.Generator, days: int = DAYS) -> Traffic:
    """Generate days of a model; a share of OUTLIERS have an image, were cut off, or report wrong tokens."""
    size = generator.poisson(model.requests_a_day, days)
    count = int(size.sum())
    language = generator.choice(len(LANGUAGES), count, p=model.languages)
    ratio = np.array([each[0] for each in LANGUAGES])[language]
    spread = np.array([each[1] for each in LANGUAGES])[language]
    input_tokens = np.ceil(model.input_tokens * generator.lognormal(-0.5, 1.0, count))
    output_tokens = np.ceil(model.output_tokens * generator.lognormal(-0.3, 0.8, count))
    asked = input_tokens * model.bytes_a_token * ratio * generator.lognormal(0, spread)
    answered = output_tokens * model.bytes_a_token * ratio * generator.lognormal(0, spread)
    stream = generator.random(count) < model.streamed
    chunks = np.ceil(output_tokens / model.tokens_a_chunk)
    request_bytes = np.rint(model.request_envelope * generator.lognormal(0, 0.05, count) + asked)
    response_bytes = np.rint(model.response_envelope + answered + np.where(stream, chunks * model.chunk_envelope, 0))
    reported_input, reported_output = input_tokens.copy(), output_tokens.copy()
    kind = np.where(generator.random(count) < OUTLIERS, generator.integers(1, 4, count), 0)
    pictures, cut, wrong = (np.flatnonzero(kind == each) for each in (1, 2, 3))
    request_bytes[pictures] += np.rint(generator.lognormal(12.0, 0.8, len(pictures)))
    response_bytes[cut] = np.rint(response_bytes[cut] * generator.uniform(0.05, 0.6, len(cut)))
    for reported in (reported_input, reported_output):
        reported[wrong] = np.rint(reported[wrong] * np.where(generator.random(len(wrong)) < 0.5, 10.0, 0.05))
    return Traffic(
        model=model,
        day=np.repeat(np.arange(days), size),
        stream=stream,
        request_bytes=request_bytes,
        response_bytes=response_bytes,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        reported_input=reported_input,
        reported_output=reported_output,
    )
