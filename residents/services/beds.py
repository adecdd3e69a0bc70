"""Rooms let by the bed: a bed is a numbered place of a dwelling, and a stay names the one it lies in.

Two in one bed is a fact to be shown, like too many in a room; only naming a taken bed is refused.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.models import User
from residents.models import Dwelling, Registration
from residents.services.versions import require_version


@dataclass(frozen=True, slots=True)
class Bed:
    number: int
    stays: tuple[Registration, ...]


@transaction.atomic
def change_places(*, dwelling_id: int, capacity: int | None, beds: int | None, version: int, actor: User) -> Dwelling:
    """How many may live here, and how many beds are let one by one (None: the dwelling is let as a whole)."""
    rows = Dwelling.objects.restrict(actor, "change").standing().select_for_update(of=("self",))
    dwelling = require_version(rows.get(pk=dwelling_id), version)
    if capacity is not None and capacity < 1:
        raise DomainError(_("A dwelling holds at least one person."), field="capacity")
    if beds is not None and capacity is not None and beds > capacity:
        raise DomainError(_("There are more beds than people may live here."), field="beds")
    taken = Registration.objects.active().filter(dwelling=dwelling, bed__gt=beds or 0).order_by("-bed").first()
    if taken is not None:
        message = _("Somebody lies in bed %(bed)s. Please give that person another bed first.") % {"bed": taken.bed}
        raise DomainError(message, field="beds")
    dwelling.capacity, dwelling.beds = capacity, beds
    dwelling.save(update_fields=["capacity", "beds", "version"])
    audit.record(actor=actor, action="dwelling.places_changed", target=dwelling)
    return dwelling


@transaction.atomic
def assign_bed(*, registration_id: int, bed: int | None, actor: User) -> Registration:
    """None takes the bed away. The dwelling is locked, so that no bed is named twice at the same moment."""
    stays = Registration.objects.restrict(actor, "change").active()
    stay = stays.select_for_update(of=("self",)).select_related("dwelling").get(pk=registration_id)
    Dwelling.objects.restrict(actor, "change").select_for_update(of=("self",)).get(pk=stay.dwelling_id)
    if bed is not None:
        if not 1 <= bed <= (stay.dwelling.beds or 0):
            raise DomainError(_("This dwelling has no bed of that number."), field="bed")
        others = Registration.objects.active().filter(dwelling=stay.dwelling_id, bed=bed).exclude(pk=stay.pk)
        if others.exists():
            raise DomainError(_("Somebody else lies in bed %(bed)s.") % {"bed": bed}, field="bed")
    stay.bed = bed
    stay.version += 1
    stay.save(update_fields=["bed", "version"])
    audit.record(actor=actor, action="registration.bed_named", target=stay, bed=bed)
    return stay


def beds_of(dwelling: Dwelling, stays: list[Registration]) -> list[Bed]:
    """From stays that were read already; costs no query."""
    numbers = range(1, (dwelling.beds or 0) + 1)
    return [Bed(number, tuple(stay for stay in stays if stay.bed == number)) for number in numbers]
