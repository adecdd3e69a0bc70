import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portal.audit import context
from portal.audit.models import AccessEvent
from residents.choices import PermitStatus
from residents.services.permits import verification
from tests.factories.permits import PermitFactory, at

pytestmark = pytest.mark.django_db


def test_the_token_says_valid_and_masks_the_name():
    permit = PermitFactory.create()
    found: Any = verification.verify(verification.token_for(permit))
    assert (found.number, found.holder, found.is_valid) == (permit.number, "王**", True)


def test_a_suspended_permit_is_not_valid():
    permit = PermitFactory.create(status=PermitStatus.SUSPENDED, suspended_on=at("2026-03-10").date())
    found: Any = verification.verify(verification.token_for(permit))
    assert not found.is_valid


def test_the_token_holds_no_personal_value_and_can_be_checked_with_the_public_key_alone():
    permit = PermitFactory.create()
    body, signature = verification.token_for(permit).split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert sorted(payload) == ["e", "h", "k", "n"]
    assert permit.person.document_number not in str(payload)
    assert payload["e"] == "2026-03-10"
    key = Ed25519PublicKey.from_public_bytes(verification.public_key())
    key.verify(base64.urlsafe_b64decode(signature + "=="), body.encode())


def test_a_number_alone_or_a_changed_token_verifies_nothing():
    permit = PermitFactory.create()
    body, signature = verification.token_for(permit).split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "==")) | {"n": "3308222026000099"}
    forged = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    for token in (permit.number, f"{forged}.{signature}", f"{body}.", "", "中文.中文"):
        assert verification.verify(token) is None


def test_ten_lookups_a_minute_for_one_address(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    token = verification.token_for(PermitFactory.create())
    context.enter(context.RequestContext(address="10.1.2.3"))
    for _n in range(10):
        assert verification.verify(token)
    with pytest.raises(verification.TooManyLookupsError):
        verification.verify(token)
    context.enter(context.RequestContext(address="10.1.2.4"))
    assert verification.verify(token)
    time_machine.move_to(at("2026-03-10", 9, 2), tick=False)
    context.enter(context.RequestContext(address="10.1.2.3"))
    assert verification.verify(token)
    assert AccessEvent.objects.filter(action="verify").count() == 12
