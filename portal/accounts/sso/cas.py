"""CAS 2 and 3 by django-cas-ng's client: the ticket is looked up at the server itself, over TLS, once.

The state travels in the service address, which CAS gives back and compares with the one the ticket was made for.
"""

from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.http import HttpRequest
from django_cas_ng.utils import get_cas_client

from portal.accounts.sso.outbound import Session, listed
from portal.accounts.sso.provider import Attempt, RefusedError, checked_subject

UNREADABLE = (ParseError, DefusedXmlException, ValueError, IndexError, AttributeError, TypeError)


class Cas:
    proof = "ticket"

    def leave(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        client = get_cas_client(service_url=_service(attempt, back), request=request)
        return listed(str(client.get_login_url()))

    def subject(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        client = get_cas_client(service_url=_service(attempt, back), request=request)
        client.session = Session()
        content = client.get_verification_response(request.GET["ticket"])
        try:
            fromstring(content, forbid_dtd=True)
            name, _attributes, _proxy = client.verify_response(content)
        except UNREADABLE as error:
            raise RefusedError("answer") from error
        if name is None:
            raise RefusedError("ticket")
        return checked_subject(name.strip())


def _service(attempt: Attempt, back: str) -> str:
    return f"{back}?{urlencode({'state': attempt.state})}"
