"""OpenID Connect: discovery, authorization code with PKCE, state and nonce, and a verified ID token."""

import time
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from service.auth.members.matching import Identity
from service.auth.providers.attempt import Attempt
from service.auth.providers.provider import TIMEOUT_SECONDS, mail_domain, oauth_client, reported, text

WELL_KNOWN = "/.well-known/openid-configuration"
CACHED_SECONDS = 3600.0
LEEWAY_SECONDS = 60
# Signatures with a key that only the provider has.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class OpenIdProvider:
    """A provider that its issuer's metadata describes."""

    def __init__(
        self, *, name: str, title: str, issuer: str, client_id: str, client_secret: str, scope: str, groups_claim: str
    ) -> None:
        self.name, self.title = name, title
        self._issuer = issuer.rstrip("/")
        self._client_id, self._client_secret, self._scope = client_id, client_secret, scope
        self._groups_claim = groups_claim
        self._cached: dict[str, tuple[float, dict[str, Any]]] = {}

    async def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return the address at which a person signs in; raises ProviderError."""
        with reported(self.title):
            metadata = await self._metadata()
            async with self._client(metadata, redirect_uri) as client:
                url, _ = client.create_authorization_url(
                    text(metadata, "authorization_endpoint"),
                    state=attempt.state,
                    nonce=attempt.nonce,
                    code_verifier=attempt.verifier,
                )
            return str(url)

    async def identify(self, attempt: Attempt, code: str, redirect_uri: str) -> Identity:
        """Exchange the code for the claims about a person; raises ProviderError."""
        with reported(self.title):
            metadata = await self._metadata()
            async with self._client(metadata, redirect_uri) as client:
                token = await client.fetch_token(
                    text(metadata, "token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                )
                claims = await self._claims(metadata, token, attempt.nonce)
                if "userinfo_endpoint" in metadata:
                    shown = (await client.get(metadata["userinfo_endpoint"])).raise_for_status().json()
                    if shown.get("sub") != claims["sub"]:
                        raise ValueError("the user info is about somebody else")
                    claims = {**shown, **claims}
            return self._identity(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        groups = claims.get(self._groups_claim)
        groups = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        domain = mail_domain(claims.get("email")) if claims.get("email_verified") is True else None
        return Identity(
            provider=self.name,
            issuer=self._issuer,
            subject=text(claims, "sub"),
            groups=frozenset(each for each in groups if isinstance(each, str)),
            domains=frozenset({domain} if domain else ()),
        )

    async def _claims(self, metadata: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Verify the ID token: signature, issuer, audience, time and nonce."""
        offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        registry = JWSRegistry(algorithms=[each for each in ALGORITHMS if each in offered], strict_check_header=False)
        address = text(metadata, "jwks_uri")
        try:
            keys = KeySet.import_key_set(await self._get(address))
            decoded = jwt.decode(text(token, "id_token"), keys, registry=registry)
        except InvalidKeyIdError:
            # The provider has new keys.
            self._cached.pop(address, None)
            keys = KeySet.import_key_set(await self._get(address))
            decoded = jwt.decode(text(token, "id_token"), keys, registry=registry)
        expected = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self._client_id},
        }
        given = {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, expected, given)
        claims.validate(leeway=LEEWAY_SECONDS)
        return dict(claims)

    async def _metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = await self._get(self._issuer + WELL_KNOWN)
        if text(metadata, "issuer").rstrip("/") != self._issuer:
            raise ValueError("the metadata is about another issuer")
        return metadata

    async def _get(self, address: str) -> Any:
        until, known = self._cached.get(address, (0.0, {}))
        if time.monotonic() < until:
            return known
        async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            found: dict[str, Any] = (await client.get(address)).raise_for_status().json()
        self._cached[address] = (time.monotonic() + CACHED_SECONDS, found)
        return found

    def _client(self, metadata: Mapping[str, Any], redirect_uri: str) -> Any:
        offered = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        method = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return oauth_client(self._client_id, self._client_secret, self._scope, redirect_uri, method)
