import pytest

from portal.audit.three_admins import appoint
from portal.org.models import AreaUserGrant, User
from tests.conftest import LONG_AGO
from tests.factories.org import AreaFactory, StaffFactory


@pytest.fixture
def auditor(db) -> User:
    """The county's auditor, appointed as the product does it."""
    AreaFactory.create(code="330822")
    user = StaffFactory.create(role="administration", area_code="330822", username="auditor")
    appoint(user=user, kind="auditor", actor=None)
    for grant in AreaUserGrant.objects.filter(user=user):
        grant.valid_from = LONG_AGO  # tests move the clock about
        grant.save(update_fields=["valid_from"])
    return User.objects.get(pk=user.pk)
