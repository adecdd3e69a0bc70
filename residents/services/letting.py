"""What departments tell the address master about a dwelling that is let."""

from django.db import transaction

from portal.audit import services as audit
from portal.org.models import User
from residents.models import Dwelling


@transaction.atomic
def note_rental(*, dwelling_id: int, registered: bool, actor: User) -> Dwelling:
    """The dwelling is, or no longer is, registered as rental. Saying it again changes nothing; a double leads on to
    the dwelling that it was merged into. The version stays: a clerk who has the form open loses nothing."""
    rows = Dwelling.objects.select_for_update(of=("self",))
    dwelling = rows.get(pk=dwelling_id)
    if dwelling.merged_into_id:
        dwelling = rows.get(pk=dwelling.merged_into_id)
    if dwelling.rental_registered != registered:
        dwelling.rental_registered = registered
        dwelling.save(update_fields=["rental_registered"])
        audit.record(actor=actor, action="dwelling.rental_noted", target=dwelling, registered=registered)
    return dwelling
