"""浙政钉, the government's DingTalk: scan or log in there, come back with a code, ask the platform whose it is.

Not the public DingTalk (another host, another protocol). Every call to the platform is signed with the key of the
application: HMAC-SHA256 over method, time, nonce, path and the sorted parameters.
"""

import base64
import hmac
import secrets
import uuid
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from portal.accounts.sso.outbound import Session, listed
from portal.accounts.sso.provider import Attempt, RefusedError, checked_subject
from portal.core import clock

LOGIN, TOKEN, PERSON = "/oauth2/auth.htm", "/gettoken.json", "/rpc/oauth2/getuserinfo_bycode.json"
CHINA = timezone(timedelta(hours=8))
DIGITS = 10_000


class GovernmentDingTalk:
    proof = "code"

    def leave(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        query = {
            "response_type": "code",
            "client_id": settings.SSO_ZZD_CLIENT_ID,
            "redirect_uri": back,
            "scope": "get_user_info",
            "authType": "QRCODE",
            "state": attempt.state,
        }
        return listed(f"{settings.SSO_ZZD_LOGIN_URL.rstrip('/')}{LOGIN}?{urlencode(query)}")

    def subject(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        """The employee code; a platform administrator has none and cannot come in this way."""
        secret = {"appkey": settings.SSO_ZZD_APP_KEY, "appsecret": settings.SSO_ZZD_APP_SECRET}
        token = _asked("GET", TOKEN, secret)["accessToken"]
        person = _asked("POST", PERSON, {"access_token": token, "code": request.GET["code"]})
        return checked_subject(person.get("employeeCode"))


def _asked(method: str, path: str, parameters: dict[str, str]) -> dict[str, Any]:
    """`content.data` of a call that the platform calls a success."""
    url = f"{settings.SSO_ZZD_API_URL.rstrip('/')}{path}"
    headers = signed_headers(method, path, parameters, at=clock.now())
    sent = {"params": parameters} if method == "GET" else {"data": parameters}
    try:
        answer = Session().request(method, url, headers=headers, **sent).json()
        if answer["success"] is not True or answer["content"]["success"] is not True:
            raise RefusedError("platform")
        data = answer["content"]["data"]
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError("answer") from error
    if not isinstance(data, dict):
        raise RefusedError("answer")
    return data


def signed_headers(method: str, path: str, parameters: dict[str, str], *, at: datetime) -> dict[str, str]:
    """As the platform's documentation of its gateway asks; `at` is written in Chinese time with milliseconds."""
    moment = at.astimezone(CHINA).isoformat(timespec="milliseconds")
    nonce = f"{int(at.timestamp() * 1000)}{secrets.randbelow(DIGITS):04d}"
    joined = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters))
    text = "\n".join([method, moment, nonce, path, joined])
    signature = hmac.new(settings.SSO_ZZD_APP_SECRET.encode(), text.encode(), sha256).digest()
    machine = uuid.getnode().to_bytes(6).hex(":")
    return {
        "X-Hmac-Auth-Timestamp": moment,
        "X-Hmac-Auth-Version": "1.0",
        "X-Hmac-Auth-Nonce": nonce,
        "apiKey": settings.SSO_ZZD_APP_KEY,
        "X-Hmac-Auth-Signature": base64.b64encode(signature).decode(),
        "X-Hmac-Auth-IP": "127.0.0.1",
        "X-Hmac-Auth-MAC": machine,
    }
