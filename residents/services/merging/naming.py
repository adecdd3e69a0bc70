"""Two files of one person that have nothing in common for a machine: a passport and an identity card, two names."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.org.services import system_user
from residents.choices import PairStatus
from residents.models import DuplicatePair, DuplicateSide, Person
from residents.services.identity import match_document
from residents.services.merging.keys import NAMED, NAMED_POINTS
from residents.services.merging.pairs import area_of_both


@transaction.atomic
def name_pair(*, person_id: int, number: str, actor: User) -> DuplicatePair:
    """The pair of this file and the one with exactly this number, open unless it was decided before. Nothing is
    merged. Both files have to lie where the actor may merge; of another one not even its being there is told.

    Raises DomainError at "number".
    """
    mine = Person.objects.restrict(actor, "merge")
    person = mine.get(pk=person_id)
    match = match_document(number)
    other = mine.filter(pk=match.person_id, merged_into=None).first() if match else None
    if other is None:
        raise DomainError(_("Nobody of this number is on file where you may merge files."), field="number")
    if other == person:
        raise DomainError(_("This is the number of this very file."), field="number")
    with scoped_transaction(system_user()):
        pair = _opened(*sorted((person, other), key=lambda one: one.pk))
    audit.record(actor=actor, action="person.pair_named", target=pair, persons=list(pair.person_ids))
    return pair


def _opened(first: Person, second: Person) -> DuplicatePair:
    named = [NAMED, NAMED_POINTS]
    pair, made = DuplicatePair.objects.select_for_update(of=("self",)).get_or_create(
        first=first,
        second=second,
        defaults={
            "score": NAMED_POINTS,
            "reasons": [named],
            "area_code": area_of_both(first.area_code, second.area_code),
        },
    )
    sides = [DuplicateSide(pair=pair, person=one, area_code=one.area_code) for one in (first, second)]
    DuplicateSide.objects.bulk_create(sides, ignore_conflicts=True)
    if not made and pair.status in {PairStatus.OPEN, PairStatus.GONE} and named not in pair.reasons:
        pair.status, pair.reasons = PairStatus.OPEN, [*pair.reasons, named]
        pair.score = sum(points for _code, points in pair.reasons)
        pair.version += 1
        pair.save(update_fields=["status", "reasons", "score", "version"])
    return pair
