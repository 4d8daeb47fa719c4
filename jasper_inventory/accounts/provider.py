"""OpenID Connect as this site uses it: with PKCE, state, nonce and a checked signature.

Django-allauth finds the module by its name.
"""

import secrets
import time
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException

from jasper_inventory.lib.sso_settings import GOOGLE

# How a service is asked to make someone sign in again, and to say when they did.
AGAIN = {"prompt": "login", "max_age": "0"}
# Google has no such prompt.
AGAIN_AT_GOOGLE = {"prompt": "select_account", "max_age": "0"}
# Signatures that only the service can make: never one with a shared key, nor none.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


class SingleSignOnClient(OpenIDConnectOAuth2Adapter):
    """Django-allauth's client, which always checks the signature of the identity token."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the service's metadata, if they are about the service of the settings."""
        found: dict[str, Any] = super().openid_config
        configured = self.get_provider().app.settings["server_url"]
        if str(found.get("issuer", "")).rstrip("/") != configured.rstrip("/"):
            raise RequestException("The metadata are those of another service.")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("sso_callback", args=[self.provider_id]))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("There is no identity token.")
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Return the claims of a token that one of the service's public keys has signed."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        try:
            named = jwt.get_unverified_header(id_token).get("kid")
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
            # A service with one key needn't name it.
            key = next(one for one in keys if named is None or one.key_id == named)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=30,
                options={"require": ["iss", "aud", "sub", "exp", "iat"]},
            )
        except (jwt.PyJWTError, StopIteration, ValueError) as error:
            raise OAuth2Error("The identity token isn't valid.") from error
        return claims


class SingleSignOnProvider(OpenIDConnectProvider):
    """Google, Microsoft, or any other OpenID Connect service of settings.SSO_PROVIDERS."""

    id = "sso"
    oauth2_adapter_class = SingleSignOnClient

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("accounts:sso_begin", args=[self.app.provider_id])

    def get_callback_url(self) -> str:
        return reverse("sso_callback", args=[self.app.provider_id])

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        """Return the redirect to the service; the identity token must repeat the nonce.

        Someone who is signed in and only comes back (`REDIRECT`) has to sign in there again.
        """
        kept = {"nonce": secrets.token_urlsafe(24), "asked_at": time.time()}
        params = {"nonce": kept["nonce"]}
        if process == AuthProcess.REDIRECT:
            params |= AGAIN_AT_GOOGLE if self.app.provider_id == GOOGLE else AGAIN
        response: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=params, **kept, **kwargs
        )
        return response


provider_classes = [SingleSignOnProvider]
