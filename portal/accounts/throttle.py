"""How often one address may try to log in: a bucket in the database, so that all workers count together."""

import hmac
from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from portal.accounts.limits import limit
from portal.accounts.lockout import client_address
from portal.ui.pages import too_many_requests

# Taken in one statement outside the request's transaction: nobody waits for a colleague's password to be hashed.
TAKE = """
INSERT INTO accounts_bucket AS bucket (key, tokens, counted_at) VALUES (%(key)s, %(burst)s - 1, statement_timestamp())
ON CONFLICT (key) DO UPDATE SET
    tokens = LEAST(%(burst)s, bucket.tokens
        + extract(epoch FROM statement_timestamp() - bucket.counted_at) * %(rate)s) - 1,
    counted_at = statement_timestamp()
WHERE LEAST(%(burst)s, bucket.tokens
        + extract(epoch FROM statement_timestamp() - bucket.counted_at) * %(rate)s) >= 1
RETURNING tokens
"""
MINUTE = 60


def take(address: str) -> bool:
    """One attempt from `address`; False when it has none left."""
    values: dict[str, str | float] = {
        "key": hmac.new(settings.SECRET_KEY.encode(), address.encode(), sha256).hexdigest(),
        "burst": float(limit("login.address_burst")),
        "rate": limit("login.address_per_minute") / MINUTE,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        return cursor.fetchone() is not None


class LoginThrottleMiddleware:
    """Before the transaction of the request. Only what carries a password or a code is counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        guarded = request.method == "POST" and request.path_info.startswith(settings.LOGIN_THROTTLED_PATHS)
        if guarded and not take(client_address(request)):
            response = too_many_requests(request)
            response["Retry-After"] = str(MINUTE)
            return response
        return self.get_response(request)
