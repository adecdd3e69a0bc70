"""Whose request it is: headers that any client can write count only when a listed proxy wrote them."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")
CERTIFICATE = ("HTTP_X_SSL_CLIENT_VERIFY", "HTTP_X_SSL_CLIENT_S_DN")
REQUEST_ID = "HTTP_X_REQUEST_ID"  # ours alone: a client must not write into the log what to search for
Network = IPv4Network | IPv6Network


class TrustedProxyMiddleware:
    """First of all. `REMOTE_ADDR` becomes the client's address when `TRUSTED_PROXIES` holds the sender's.

    From any other sender the forwarding headers are dropped, so that nobody chooses the address of a lock-out
    or of an access row, or pretends that plain HTTP was TLS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies: list[Network] = [ip_network(text, strict=False) for text in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        sender = meta.get("REMOTE_ADDR", "")
        if self.is_proxy(sender):
            meta["REMOTE_ADDR"] = self.client(meta.get("HTTP_X_FORWARDED_FOR", "")) or sender
        else:
            for name in (*FORWARDED, *CERTIFICATE):
                meta.pop(name, None)
        meta.pop(REQUEST_ID, None)
        return self.get_response(request)

    def client(self, chain: str) -> str:
        """The last address that no listed proxy has; whatever stands before it, the client may have made up."""
        for text in reversed(chain.split(",")):
            address = text.strip()
            if not is_address(address):
                return ""
            if not self.is_proxy(address):
                return address
        return ""

    def is_proxy(self, text: str) -> bool:
        """What arrives through a Unix socket has no address ("") and is nobody's proxy."""
        return is_address(text) and any(ip_address(text) in network for network in self.proxies)


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
