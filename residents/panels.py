"""What the register itself has to do at a door while somebody stands there."""

from collections.abc import Iterable

from django.db.models import F
from django.utils.translation import gettext as _

from portal.core import clock
from portal.org.models import User
from residents.choices import PermitStatus, RegistrationStatus
from residents.doorstep import DueItem, shares_the_knock
from residents.models import Permit
from residents.services.permits.endorsements import due_for_reminder


def endorsements_due(dwelling_ids: Iterable[int], viewer: User) -> dict[int, list[DueItem]]:
    """Holders whose endorsement is due: told at the door, they need not come to the window for nothing."""
    permits = Permit.objects.restrict(viewer, "view").filter(
        status=PermitStatus.ACTIVE,
        person__registrations__status=RegistrationStatus.ACTIVE,
        person__registrations__dwelling__in=list(dwelling_ids),
    )
    near = due_for_reminder(permits, clock.today()).annotate(door=F("person__registrations__dwelling"))
    found: dict[int, list[DueItem]] = {}
    for permit in near.order_by("endorse_by", "pk"):
        item = DueItem(_("Residence permit to endorse"), permit.endorse_by, permit.get_absolute_url())
        found.setdefault(permit.door, []).append(item)
    return found


shares_the_knock(items=endorsements_due)
