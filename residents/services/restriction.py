"""Storing and nothing else: what PIPL art. 47 asks for while data may not be deleted (digest P11)."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from residents.models import Person


@transaction.atomic
def restrict_use(*, person_id: int, reason: str, actor: User) -> Person:
    """From now on lists, search, pages and ledgers leave this person out, except for holders of "see_restricted".
    Statistics go on counting: they name nobody."""
    person = Person.objects.restrict(actor, "restrict").select_for_update(of=("self",)).get(pk=person_id)
    if not reason.strip():
        raise DomainError(_("Please say why the use of the data is restricted."), field="reason")
    if person.restricted_on is not None:
        raise DomainError(_("The use of this file is restricted already."), code="wrong_state")
    person.restricted_on = clock.today()
    _save(person)
    audit.record(actor=actor, action="person.restricted", target=person, reason=reason.strip())
    return person


@transaction.atomic
def lift_restriction(*, person_id: int, reason: str, actor: User) -> Person:
    """The file is used like any other again."""
    person = Person.objects.restrict(actor, "restrict").select_for_update(of=("self",)).get(pk=person_id)
    if not reason.strip():
        raise DomainError(_("Please say why the data may be used again."), field="reason")
    if person.restricted_on is None:
        raise DomainError(_("The use of this file is not restricted."), code="wrong_state")
    person.restricted_on = None
    _save(person)
    audit.record(actor=actor, action="person.restriction_lifted", target=person, reason=reason.strip())
    return person


def _save(person: Person) -> None:
    person.version += 1
    person.save(update_fields=["restricted_on", "version"])
