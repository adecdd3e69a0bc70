"""The only way out to a provider: listed hosts, TLS with a checked certificate, no redirects, short answers."""

from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

from portal.accounts.sso.provider import RefusedError

SECONDS = (3.05, 10)
LONGEST_ANSWER = 256 * 1024
OK = 200


def listed(url: str) -> str:
    """The address itself; RefusedError unless it is https to a host of `SSO_HOSTS` (`name` or `name:port`)."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.netloc.lower() not in settings.SSO_HOSTS:
        raise RefusedError("host")
    return url


class Session(requests.Session):
    """Whatever a library asks of it, these rules hold. Proxies of the environment are not used."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        rules = {
            "timeout": SECONDS,
            "allow_redirects": False,
            "verify": settings.SSO_CA_FILE or True,
            "stream": True,
        }
        try:
            response = super().request(method, listed(str(url)), *args, **(options | rules))
            with response:
                body = response.raw.read(LONGEST_ANSWER + 1, decode_content=True)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise RefusedError("unreachable") from error
        if response.status_code != OK or len(body) > LONGEST_ANSWER:
            raise RefusedError("answer")
        response._content = body  # noqa: SLF001 - read already, with a limit
        return response
