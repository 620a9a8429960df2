"""One spelling for providers and models, whatever prefixes and suffixes a vendor adds.

Rules run from top to bottom. Provider names match genai-prices, which sets the prices. Parts that could identify a
person or an account are removed: paths, account numbers in ARNs, names of fine-tunes, e-mail addresses.
"""

import re
from functools import lru_cache
from typing import NamedTuple

MAXIMUM_LENGTH = 100
KNOWN_FAMILIES = 4096

# What agents, gateways and semantic conventions call a provider. Claude Code says firstParty, mantle and foundry.
_NAMES = {
    "anthropic": "firstparty claude",
    "aws": "bedrock bedrock_converse bedrock-runtime amazon-bedrock amazon_bedrock aws.bedrock aws_bedrock aws-bedrock "
    "mantle",
    "google": "vertex vertex_ai vertexai vertex_ai_beta gemini gcp.gemini gcp.gen_ai gcp.vertex_ai gcp.vertex.agent "
    "google-gla google-vertex google-generative-ai",
    "azure": "az.ai.openai az.ai.inference azure.ai.openai azure.ai.inference azure.ai.foundry azure_ai "
    "azure_ai_studio azure_openai azure-openai foundry",
    "mistral": "mistral_ai mistralai codestral",
    "x-ai": "xai x_ai",
    "moonshotai": "moonshot_ai moonshot",
    "github-copilot": "github github.copilot github_copilot copilot",
    "vercel": "gateway",
    "openai": "openai_chat",
    "alibaba": "dashscope qwen",
    "zai": "z-ai",
    "litellm": "litellm_proxy",
    "together": "together_ai",
    "fireworks": "fireworks_ai",
}
PROVIDERS = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
KNOWN_PROVIDERS = {
    *PROVIDERS.values(),
    *("openai", "groq", "deepseek", "cohere", "openrouter", "perplexity", "cerebras", "databricks", "meta", "cursor"),
    *("novita", "minimax", "zai", "zhipuai", "huggingface", "ollama", "litellm", "vercel", "alibaba", "opencode"),
}

# Start of a model name -> its maker, for telemetry without a provider.
MAKERS = (
    (re.compile(r"claude"), "anthropic"),
    (re.compile(r"(gpt|chatgpt|codex|o[1-9](-|$)|ft:(gpt|o[1-9])|text-embedding|davinci)"), "openai"),
    (re.compile(r"(gemini|gemma|palm)"), "google"),
    (re.compile(r"grok"), "x-ai"),
    (re.compile(r"deepseek"), "deepseek"),
    (re.compile(r"(mistral|mixtral|codestral|devstral|magistral|ministral)"), "mistral"),
    (re.compile(r"(nova-|titan-)"), "aws"),
    (re.compile(r"kimi"), "moonshotai"),
    (re.compile(r"glm"), "zai"),
    (re.compile(r"command"), "cohere"),
    (re.compile(r"(qwen|qwq)"), "alibaba"),
    (re.compile(r"minimax"), "minimax"),
    (re.compile(r"(llama|meta-llama)"), "meta"),
)

_LONG_CONTEXT = re.compile(r"\[(?P<tier>[0-9]{1,4}[km])\]$")
_FILE_PATH = re.compile(r"^(?:[/~.]|[a-z]:\\|.*\\|[a-z]+://)")
_BEDROCK = re.compile(
    r"^(?:(?:us|us-gov|eu|apac|ap|jp|au|ca|global)\.)?"
    r"(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|google|moonshotai?|zai)\.(?P<model>.+)$"
)
_BEDROCK_VERSION = re.compile(r"-v[0-9]+(?::[0-9a-z]+)?$")
_VERTEX_VERSION = re.compile(r"@(?=[0-9]{8}$)")
_VERTEX_DEFAULT = re.compile(r"@(?:default|latest)$")
_NOT_ALLOWED = re.compile(r"[^a-z0-9._:+/-]+")
_NOISE = {"latest", "preview", "exp", "experimental", "beta", "ft"}


class ModelName(NamedTuple):
    """A model in one spelling; unknown parts are empty."""

    provider: str
    model: str
    context_tier: str


def provider_name(text: str) -> str:
    """Return a provider in one spelling, empty if the text is not a provider name."""
    cleaned = text.strip().lower()
    if cleaned in PROVIDERS:
        return PROVIDERS[cleaned]
    first = cleaned.partition(".")[0]  # anthropic.messages, openai.responses, google.generative-ai
    if first in PROVIDERS or first in KNOWN_PROVIDERS:
        return PROVIDERS.get(first, first)
    return cleaned if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,49}", cleaned) else ""


@lru_cache(maxsize=4096)
def model_name(text: str, provider: str = "") -> ModelName:
    """Return a model in one spelling; its provider comes from the argument, its prefix, or the model itself."""
    known = provider_name(provider)
    name = text.strip().lower()
    tier = ""
    if match := _LONG_CONTEXT.search(name):  # claude-sonnet-4-5[1m]
        name, tier = name[: match.start()], match["tier"]
    if name.startswith("arn:"):  # arn:aws:bedrock:REGION:ACCOUNT:inference-profile/us.anthropic.claude-…
        known, name = known or "aws", _without_account(name)
    elif _FILE_PATH.match(name):  # /home/someone/models/llama.gguf, https://host/models/llama
        name = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    if name.startswith("ft:"):  # ft:gpt-4o:organization:name:id
        name = ":".join(name.split(":")[:2])
    name, known = _without_prefixes(name, known)
    if match := _BEDROCK.match(name):  # us.anthropic.claude-sonnet-4-5-20250929-v1:0
        name, known = _BEDROCK_VERSION.sub("", match["model"]), known or "aws"
    name = _VERTEX_DEFAULT.sub("", _VERTEX_VERSION.sub("-", name))  # claude-sonnet-4-5@20250929
    if "@" in name:
        return ModelName(known, "", tier)
    name = _NOT_ALLOWED.sub("-", name)[:MAXIMUM_LENGTH].strip("-/.")
    return ModelName(known or _maker(name), name, tier)


@lru_cache(KNOWN_FAMILIES)
def model_family(model: str) -> str:
    """Return a model's family, without versions, sizes and dates: `claude-sonnet`, `gpt-codex`, `gemini-flash`."""
    words = (re.sub(r"[0-9].*$", "", word).strip(".:+_") for word in re.split(r"[-/:_]", model))
    return "-".join(word for word in words if word and word not in _NOISE)


def _without_account(arn: str) -> str:
    """Return the model of an ARN. Custom profiles have opaque names, so all of them share one label."""
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    return name if kind in {"foundation-model", "inference-profile"} else kind


def _without_prefixes(name: str, known: str) -> tuple[str, str]:
    """Remove prefixes such as `openrouter/anthropic/`; the first known provider among them serves the model."""
    while "/" in name:
        prefix, _, rest = name.partition("/")
        served_by = provider_name(prefix)
        if served_by in KNOWN_PROVIDERS:
            known = known or served_by
        elif prefix not in {"models", "publishers", "converse", "invoke"}:
            break
        name = rest
    return name, known


def _maker(name: str) -> str:
    return next((maker for pattern, maker in MAKERS if pattern.match(name)), "")
