"""What the auditor's console may learn of the register: masked names and which records hang on a person."""

from collections.abc import Iterable

from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.org.services import system_user
from portal.oversight.people import Directory, register
from portal.vault.masks import mask_name
from residents.choices import RegistrationStatus
from residents.models import Permit, PermitApplication, Person, Registration

ADDRESS, WORKPLACE = "address", "workplace"
HANGING_ON = {model._meta.label_lower: model for model in (Registration, PermitApplication, Permit)}
PERSON = Person._meta.label_lower


def names(ids: Iterable[int]) -> dict[int, str]:
    with scoped_transaction(system_user()):
        found = Person.objects.filter(pk__in=list(ids)).values_list("pk", "name")
        return {pk: mask_name(name) for pk, name in found}


def places(ids: Iterable[int]) -> dict[int, str]:
    """The community that answers for each file now."""
    with scoped_transaction(system_user()):
        return dict(Person.objects.filter(pk__in=list(ids)).values_list("pk", "community_code"))


def near(actor: User, ids: Iterable[int]) -> dict[int, str]:
    """Who of these people works where the member of staff works, or lives where somebody of the same full name lives.

    Accounts hold neither an address nor an ID number, so a namesake's dwelling is the nearest the data come to the
    member of staff's own; relatives of another name and address cannot be found.
    """
    with scoped_transaction(system_user()):
        stays = Registration.objects.filter(status=RegistrationStatus.ACTIVE)
        asked = stays.filter(person__in=list(ids))
        own_doors = stays.filter(person__name=actor.display_name).exclude(person__name="").values("dwelling")
        found = dict.fromkeys(asked.filter(dwelling__in=own_doors).values_list("person_id", flat=True), ADDRESS)
        unit = actor.department.name if actor.department else ""
        if unit:
            colleagues = asked.filter(workplace=unit).values_list("person_id", flat=True)
            found = dict.fromkeys(colleagues, WORKPLACE) | found
        return found


def records(person_id: int) -> dict[str, list[str]]:
    with scoped_transaction(system_user()):
        found = {PERSON: [str(person_id)]}
        for label, model in HANGING_ON.items():
            found[label] = [
                str(pk) for pk in model._default_manager.filter(person=person_id).values_list("pk", flat=True)
            ]
        return found


def person_of(model: str, ids: Iterable[str]) -> dict[str, int]:
    """Record → person; of the model's records that no longer exist nothing is said."""
    if model == PERSON:
        return {pk: int(pk) for pk in ids}
    if model not in HANGING_ON:
        return {}
    with scoped_transaction(system_user()):
        rows = HANGING_ON[model]._default_manager.filter(pk__in=list(ids)).values_list("pk", "person_id")
        return {str(pk): person for pk, person in rows}


register(Directory(names=names, places=places, near=near, records=records, person_of=person_of))
