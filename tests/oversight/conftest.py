import pytest

from portal.audit.three_admins import appoint
from portal.org.models import User
from tests.factories.org import AreaFactory, StaffFactory


@pytest.fixture
def auditor(db) -> User:
    """The county's auditor, appointed as the product does it."""
    AreaFactory.create(code="330822")
    user = StaffFactory.create(role="administration", area_code="330822", username="auditor")
    appoint(user=user, kind="auditor", actor=None)
    return User.objects.get(pk=user.pk)
