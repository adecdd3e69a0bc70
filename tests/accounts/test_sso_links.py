"""Which key of a platform opens which account: said by an administrator alone."""

import pytest

from portal.accounts.sso import services
from portal.audit.models import AuditEntry
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db


def test_linking_and_unlinking_are_in_the_log_without_the_key(person):
    admin = StaffFactory.create()
    made = services.link(user=person, provider="cas", subject="GE_0042", actor=admin)
    services.unlink(link_id=made.pk, user=person, actor=admin)
    rows = AuditEntry.objects.filter(target_id=str(person.pk), action__startswith="accounts.sso").order_by("pk")
    assert [(row.action, row.details) for row in rows] == [
        ("accounts.sso_linked", {"provider": "cas"}),
        ("accounts.sso_unlinked", {"provider": "cas"}),
    ]
