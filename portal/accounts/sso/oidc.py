"""OpenID Connect: allauth's client, with the authorization code, PKCE and a nonce.

allauth accepts an identity token unchecked when it fetched it itself. Here every token must be signed by a key that
the provider publishes, name this product as its audience, and carry the nonce of this very attempt.
"""

import base64
import hmac
from hashlib import sha256
from typing import Any

import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest

from portal.accounts.sso.outbound import listed
from portal.accounts.sso.provider import Attempt, RefusedError, checked_subject

SIGNED_WITH = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
WELL_KNOWN = "/.well-known/openid-configuration"
UNUSABLE = (OAuth2Error, KeyError, TypeError, ValueError, AttributeError, jwt.PyJWTError)


class _Adapter(OpenIDConnectOAuth2Adapter):
    def __init__(self, request: HttpRequest, back: str) -> None:
        super().__init__(request, "oidc")
        self.back = back
        self.app = SocialApp(
            provider="openid_connect",
            provider_id="oidc",
            name="oidc",
            client_id=settings.SSO_OIDC_CLIENT_ID,
            secret=settings.SSO_OIDC_SECRET,
            settings={"server_url": settings.SSO_OIDC_URL},
        )

    def get_provider(self) -> OpenIDConnectProvider:
        return OpenIDConnectProvider(self.request, app=self.app)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return self.back

    def client(self) -> OAuth2Client:
        return self.get_client(self.request, self.app)


class OpenIdConnect:
    proof = "code"

    def leave(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        adapter = _Adapter(request, back)
        challenge = base64.urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        extra = {"nonce": attempt.nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
        try:
            client = adapter.client()
            client.state = attempt.state
            return listed(client.get_redirect_url(adapter.authorize_url, ["openid"], extra))
        except UNUSABLE as error:
            raise RefusedError("answer") from error

    def subject(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        adapter = _Adapter(request, back)
        try:
            sent = adapter.client().get_access_token(request.GET["code"], pkce_code_verifier=attempt.verifier)
            claims = _checked(adapter, sent["id_token"])
            if not hmac.compare_digest(str(claims["nonce"]), attempt.nonce):
                raise RefusedError("nonce")
            return checked_subject(claims["sub"])
        except UNUSABLE as error:
            raise RefusedError("token") from error


def _checked(adapter: _Adapter, token: str) -> dict[str, Any]:
    """The claims of a token that the provider signed for us and that has not run out."""
    config = adapter.openid_config
    if config["issuer"].rstrip("/") != settings.SSO_OIDC_URL.removesuffix(WELL_KNOWN).rstrip("/"):
        raise RefusedError("issuer")
    if jwt.get_unverified_header(token).get("alg") not in SIGNED_WITH:
        raise RefusedError("unsigned")
    claims: dict[str, Any] = jwtkit.verify_and_decode(
        credential=token,
        keys_url=config["jwks_uri"],
        issuer=config["issuer"],
        audience=settings.SSO_OIDC_CLIENT_ID,
        lookup_kid=jwtkit.lookup_kid_jwk,
    )
    if claims.get("azp", settings.SSO_OIDC_CLIENT_ID) != settings.SSO_OIDC_CLIENT_ID or "exp" not in claims:
        raise RefusedError("audience")
    return claims
