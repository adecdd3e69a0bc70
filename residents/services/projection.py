"""What a viewer gets to see of a person: masked, in one place. The full value comes from `reveal` alone."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.audit.models import AccessEvent
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import scope_of
from portal.policy import codes
from portal.policy.divisions import division_name
from portal.policy.services import rule
from portal.vault.masks import mask_id_number, mask_name, mask_phone
from residents.choices import DocumentKind, Sex
from residents.models import Person
from residents.services.guardians import age_on

REVEALABLE = {"document_number", "phone", "ethnicity", "birth_date", "native_address"}


@dataclass(frozen=True, slots=True)
class PersonView:
    """`name` is masked too for viewers without the grant "view" at the person's area. `native` is the name of the
    hukou county. The birth date is told as year and age; the day belongs to `reveal`."""

    id: int
    name: str
    document: str
    document_label: str
    phone: str
    sex: str
    birth_year: int
    age: int
    native: str
    nationality: str
    area_code: str
    may_reveal: bool
    url: str


def person_view(person: Person, *, viewer: User, on: date | None = None) -> PersonView:
    """Costs no query beyond the viewer's grants, so that lists may call it for every row."""
    visible = person.area_code in scope_of(viewer, Person, "view")
    return PersonView(
        id=person.pk,
        name=person.name if visible else mask_name(person.name),
        document=mask_id_number(person.document_number),
        document_label=str(DocumentKind(person.document_kind).label),
        phone=mask_phone(person.phone),
        sex=str(Sex(person.sex).label),
        birth_year=person.birth_date.year,
        age=age_on(person.birth_date, on or clock.today()),
        native=division_name(person.native_code),
        nationality=person.nationality,
        area_code=person.area_code,
        may_reveal=person.area_code in scope_of(viewer, Person, "reveal"),
        url=person.get_absolute_url() if visible else "",
    )


@transaction.atomic
def reveal(*, person_id: int, field: str, reason_code: str, reason_text: str = "", actor: User) -> str:
    """One full value, after the access row was written in the same transaction.

    `reason_code` is an entry of `access_reason`. Raises DomainError(code="reveal_limit") when the actor has looked at
    as many values within the hour or the day as policy allows.
    """
    person = Person.objects.restrict(actor, "reveal").get(pk=person_id)
    if field not in REVEALABLE:
        raise DomainError(_("This field cannot be shown in full."), field="field")
    reason = codes.items("access_reason").get(reason_code)
    if reason is None:
        raise DomainError(_("Please choose why you need the full value."), field="reason_code")
    _require_below_limits(actor)
    audit.access(
        actor=actor,
        action="reveal",
        person_ids=[person.pk],
        fields=[field],
        purpose=reason_code,
        reason=reason_text.strip(),
    )
    value = getattr(person, field)
    if field == "ethnicity":
        return codes.label("ethnicity", value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _require_below_limits(actor: User) -> None:
    """The user's row is locked, so that parallel requests cannot pass the limit together."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
    looks = AccessEvent.objects.filter(actor=actor, action=AccessEvent.Action.REVEAL)
    now = clock.now()
    for code, span in (("reveal.hour_limit", timedelta(hours=1)), ("reveal.day_limit", timedelta(days=1))):
        limit = int(rule(code).value)
        if looks.filter(at__gt=now - span).count() >= limit:
            message = _("You have looked at %(count)s full values already. Ask your supervisor, or try again later.")
            raise DomainError(message % {"count": limit}, code="reveal_limit")
