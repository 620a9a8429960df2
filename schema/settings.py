"""The settings of every process, read from the environment."""

import json
from datetime import timedelta
from ipaddress import ip_network

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schema.errors import SetUpError
from schema.retention import LONGEST_EVENT_RETENTION
from vocabulary.store_urls import check_database_url, check_redis_url
from vocabulary.web_addresses import read_web_address

MEBIBYTE = 1024 * 1024
SECRET_KEY_CHARACTERS = 32


class Settings(BaseSettings):
    """Settings of service, workers and command line; each is `SHIPLEDGER_<NAME>` unless it has an alias."""

    model_config = SettingsConfigDict(env_prefix="SHIPLEDGER_", populate_by_name=True, extra="ignore")

    database_url: str = Field(
        default="postgresql://shipledger@localhost:5432/shipledger",
        validation_alias="DATABASE_URL",
        description="PostgreSQL 15 or later, as the role of the service",
    )
    worker_database_url: str = Field(
        default="", description="the same database as the role of workers; DATABASE_URL if empty"
    )
    owner_database_url: str = Field(
        default="", description="the same database as the owner of the tables, for migrations; DATABASE_URL if empty"
    )
    redis_url: str = Field(
        default="",
        validation_alias="REDIS_URL",
        description="Redis 6.2 or later, or Valkey; holds only wake-ups and may be lost at any time. Without it workers"
        " poll for work",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="at least 32 characters; encrypts stored bodies and secrets, which are lost without it",
    )
    other_secret_keys: SecretStr = Field(
        default=SecretStr(""),
        description="more secret keys, which decrypt and never encrypt, separated by commas: the next key before it"
        " replaces the present one, and earlier keys after that; a JSON list if a key contains a comma",
    )
    key_file: str = Field(
        default="",
        description="file of data keys that a key service unwraps; its first key encrypts if secret_key is not set",
    )
    data_key_lifetime: timedelta = Field(
        default=timedelta(hours=1),
        gt=timedelta(),
        description="how long a data key is used without its key service; it is unwrapped again after half of that",
    )
    host: str = Field(default="127.0.0.1", description="address the service listens on")
    port: int = Field(default=8787, ge=0, le=65535, description="port the service listens on")
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port that serves /metrics of the service without a key; if not set, /metrics needs an API key",
    )
    worker_metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="port of a worker's Prometheus metrics; off if not set"
    )
    public_url: str | None = Field(default=None, description="URL at which forges and agents reach the service")
    log_level: str = Field(default="info", description="debug, info, warning or error")
    database_pool_size: int = Field(default=10, ge=1, description="PostgreSQL connections per process")
    transaction_pooling: bool = Field(
        default=False,
        description="the URLs of service and workers lead to a pooler that gives connections for one transaction, such"
        " as PgBouncer",
    )

    connection_limit: int = Field(
        default=4096, ge=4, description="connections of clients per process; one address may have a quarter of them"
    )
    body_budget: int = Field(
        default=192 * MEBIBYTE,
        ge=0,
        description="bytes of request bodies under way per process; one address may take half of them",
    )
    address_rate: int = Field(
        default=500,
        ge=0,
        description="requests per second that one address may send without a valid key or session; 0 for no limit",
    )
    key_rate: int = Field(
        default=10_000, ge=0, description="requests per second and process with one API key; 0 for no limit"
    )
    failed_sign_ins: int = Field(
        default=300,
        ge=0,
        description="wrong keys and sign-in links per minute that one address may send; 0 for no limit",
    )
    trusted_proxies: str = Field(
        default="",
        description="addresses and networks of your reverse proxies, separated by commas; their X-Forwarded-For is"
        " believed",
    )

    webhook_body_limit: int = Field(default=25 * MEBIBYTE, description="bytes; larger webhooks get status 413")
    telemetry_body_limit: int = Field(default=64 * MEBIBYTE, description="bytes after decompression")
    telemetry_expansion_limit: int = Field(
        default=250, ge=1, description="how many times larger a telemetry body over 4 MiB may become by decompression"
    )
    telemetry_message_limit: int = Field(
        default=500_000,
        ge=1,
        description="records, metrics and data points of a telemetry body; a resource or scope counts as 10",
    )
    telemetry_event_limit: int = Field(
        default=100_000, ge=1, description="records of a telemetry body that are stored because they hold tokens"
    )
    github_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="webhook secret of the GitHub App; if empty, /webhooks/github refuses App-wide deliveries",
    )
    webhook_timestamp_tolerance: timedelta = Field(
        default=timedelta(minutes=5), description="maximum difference between a signed webhook's timestamp and now"
    )
    allow_private_hosts: bool = Field(default=False, description="allow forges and alert channels on private networks")
    gitlab_resends_a_minute: int = Field(
        default=5,
        ge=0,
        description="GitLab's rate limit for resending webhooks, per minute and group or project; 0 for no limit",
    )
    anthropic_url: str = Field(
        default="https://api.anthropic.com", description="URL of Anthropic's usage and cost reports"
    )
    openai_url: str = Field(default="https://api.openai.com", description="URL of OpenAI's usage and cost reports")
    update_prices: bool = Field(default=False, description="let workers update list prices every day")
    price_list_url: str = Field(
        default="", description="URL of the price list in the format of genai-prices; if empty, that of genai-prices"
    )
    team_limit: int = Field(default=200, description="teams that telemetry may create in one organization")

    comparison_people: int = Field(default=5, ge=3, description="minimum size of a team to be compared, if known")
    comparison_pull_requests: int = Field(
        default=20, ge=1, description="minimum of merged pull requests in a period for a team to be compared"
    )

    delivery_retention: timedelta = Field(
        default=timedelta(hours=24), description="how long a processed delivery keeps its encrypted body"
    )
    token_event_retention: timedelta = Field(
        default=timedelta(hours=72),
        ge=timedelta(),
        le=LONGEST_EVENT_RETENTION,
        description="how long folded token events and their session hashes are kept, at most seven days",
    )
    sweep_interval: timedelta = Field(
        default=timedelta(seconds=5), description="how often the sweep looks for unprocessed rows"
    )
    poll_interval: timedelta = Field(
        default=timedelta(seconds=0.5), gt=timedelta(), description="how often a worker without Redis looks for work"
    )
    estimate_pause: timedelta = Field(
        default=timedelta(seconds=10), description="minimum wait before gateway bytes are estimated, to combine bursts"
    )
    refit_pause: timedelta = Field(
        default=timedelta(seconds=60),
        description="minimum wait before a settled day is settled again because days around it changed",
    )
    oidc_issuer: str = Field(default="", description="issuer URL of the OpenID Connect provider that people sign in at")
    oidc_client_id: str = Field(default="", description="client id of Shipledger at that provider")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="client secret at that provider")
    oidc_name: str = Field(default="single sign-on", description="name of that provider on the sign-in page")
    oidc_scope: str = Field(default="openid email", description="scopes to request; some providers need `groups` too")
    oidc_groups_claim: str = Field(default="groups", description="claim that lists the groups of a person")
    github_client_id: str = Field(default="", description="client id of the GitHub OAuth App that people sign in with")
    github_client_secret: SecretStr = Field(default=SecretStr(""), description="client secret of that OAuth App")
    github_url: str = Field(default="https://github.com", description="URL of the GitHub that people sign in at")
    gitlab_client_id: str = Field(default="", description="id of the GitLab application that people sign in with")
    gitlab_client_secret: SecretStr = Field(default=SecretStr(""), description="secret of that application")
    gitlab_url: str = Field(default="https://gitlab.com", description="URL of the GitLab that people sign in at")
    session_idle: timedelta = Field(
        default=timedelta(hours=24), gt=timedelta(), description="how long a dashboard session lasts without a request"
    )
    session_lifetime: timedelta = Field(
        default=timedelta(days=7), gt=timedelta(), description="how long a dashboard session lasts at most"
    )
    trial_wait: timedelta = Field(default=timedelta(seconds=10), description="maximum wait for the trial of a token")
    retry_limit: int = Field(default=6, ge=1, description="attempts before a row becomes a dead letter")
    retry_base: timedelta = Field(default=timedelta(seconds=2), description="wait before the first retry, then doubled")

    @field_validator("database_url", "worker_database_url", "owner_database_url")
    @classmethod
    def _names_a_database(cls, value: str, info: ValidationInfo) -> str:
        return check_database_url(value) if value or info.field_name == "database_url" else value

    @field_validator("redis_url")
    @classmethod
    def _names_a_redis(cls, value: str) -> str:
        return check_redis_url(value)

    @field_validator("host")
    @classmethod
    def _without_brackets(cls, value: str) -> str:
        return value.strip().removeprefix("[").removesuffix("]")

    @field_validator("public_url", "anthropic_url", "openai_url", "oidc_issuer", "github_url", "gitlab_url")
    @classmethod
    def _is_base_address(cls, value: str | None) -> str | None:
        # Unchanged but for space around it: an issuer must be exactly what the provider calls itself.
        cleaned = value.strip() if value else ""
        if cleaned:
            read_web_address(cleaned)
        return cleaned if value is not None else None

    @field_validator("price_list_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        cleaned = value.strip()
        if cleaned:
            read_web_address(cleaned, takes_query=True)
        return cleaned

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            try:
                ip_network(part, strict=False)
            except ValueError:
                raise ValueError("needs addresses or networks separated by commas, such as 10.0.0.0/8") from None
        return value

    @property
    def worker_url(self) -> str:
        """Return the URL of the database for workers."""
        return self.worker_database_url or self.database_url

    @property
    def owner_url(self) -> str:
        """Return the URL of the database for migrations and for commands about all organizations."""
        return self.owner_database_url or self.database_url

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and len(secret) < SECRET_KEY_CHARACTERS:
            raise ValueError("needs at least 32 characters; create one with: openssl rand -hex 32")
        return value

    @field_validator("other_secret_keys")
    @classmethod
    def _each_long_enough(cls, value: SecretStr) -> SecretStr:
        if any(len(key) < SECRET_KEY_CHARACTERS for key in split_keys(value.get_secret_value())):
            raise ValueError("each key needs at least 32 characters; separate keys with commas, or write a JSON list")
        return value


def split_keys(text: str) -> list[str]:
    """Split keys at commas, or read a JSON list; raises ValueError if it is not a list of texts."""
    if not text.lstrip().startswith("["):
        return [key.strip() for key in text.split(",") if key.strip()]
    keys = json.loads(text)
    if not all(isinstance(key, str) for key in keys):
        raise ValueError("must be a JSON list of keys")
    return [*keys]


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment; raises SetUpError that names each invalid variable and the reason."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        wrong = "; ".join(f"{_variable(part['loc'])} {_without_value(part['msg'])}" for part in error.errors())
        raise SetUpError(wrong) from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else ""
    return name if name.isupper() else f"SHIPLEDGER_{name.upper()}"


def _without_value(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
