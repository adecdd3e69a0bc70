"""A person as pages need it, put together from the projection. The full value comes from `reveal` alone."""

from datetime import date, timedelta
from math import ceil

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
from portal.vault.projection import Shown, project
from residents.models import Person
from residents.services.guardians import age_on

OTHER_REASON = "other"
LIMITS = {"reveal.hour_limit": timedelta(hours=1), "reveal.day_limit": timedelta(days=1)}
REVEALABLE = ("document_number", "phone", "ethnicity", "birth_date", "native_address")


class PersonView:
    """What the viewer may read, as text; "" for what is hidden.

    `birth_year` and `age` tell of the birth date, the day belongs to `reveal`; `native` is the name of the hukou
    county; `revealable` names the fields that the viewer may ask for one by one. Each is worked out when it is asked
    for, so a list does not fetch the columns that it does not show.
    """

    __slots__ = ("_on", "_person", "_told", "_viewer")

    def __init__(self, person: Person, viewer: User, on: date | None) -> None:
        self._person, self._viewer, self._on = person, viewer, on
        self._told = project(person, viewer=viewer)

    @property
    def id(self) -> int:
        return self._person.pk

    @property
    def area_code(self) -> str:
        return self._person.area_code

    @property
    def name(self) -> str:
        return self._told["name"]

    @property
    def document(self) -> str:
        return self._told["document_number"]

    @property
    def document_label(self) -> str:
        return self._told["document_kind"]

    @property
    def phone(self) -> str:
        return self._told["phone"]

    @property
    def sex(self) -> str:
        return self._told["sex"]

    @property
    def nationality(self) -> str:
        return self._told["nationality"]

    @property
    def native(self) -> str:
        return division_name(self._told["native_code"])

    @property
    def birth_year(self) -> int | None:
        return self._person.birth_date.year if self._told["birth_date"] else None

    @property
    def age(self) -> int | None:
        """Full years on the day asked for, today when none was."""
        if not self._told["birth_date"]:
            return None
        return age_on(self._person.birth_date, self._on or clock.today())

    @property
    def revealable(self) -> tuple[str, ...]:
        return tuple(name for name in REVEALABLE if self._told.may_reveal(name))

    @property
    def may_reveal(self) -> bool:
        return bool(self.revealable)

    @property
    def url(self) -> str:
        visible = self._person.area_code in scope_of(self._viewer, Person, "view")
        return self._person.get_absolute_url() if visible else ""


def person_view(person: Person, *, viewer: User, on: date | None = None) -> PersonView:
    """Costs no query beyond the viewer's grants, so that lists may call it for every row."""
    return PersonView(person, viewer, on)


@transaction.atomic
def reveal(
    *, person_id: int, field: str, reason_code: str, reason_text: str = "", case_number: str = "", actor: User
) -> str:
    """One full value, after the access row was written in the same transaction.

    `reason_code` is an entry of `access_reason`; "other" needs `reason_text`. Raises DomainError(code="reveal_limit")
    when the actor has looked at as many values within the hour or the day as policy allows.
    """
    person = Person.objects.restrict(actor, "reveal").get(pk=person_id)
    if field not in REVEALABLE or project(person, viewer=actor).level(field) < Shown.REVEAL:
        raise DomainError(_("This field cannot be shown in full."), field="field")
    require_reason(reason_code, reason_text)
    before = _looks_below_limits(actor)
    audit.access(
        actor=actor,
        action="reveal",
        person_ids=[person.pk],
        fields=[field],
        purpose=reason_code,
        case_number=case_number.strip(),
        reason=reason_text.strip(),
    )
    for code, used in before.items():
        if used + 1 == alarm_at(code):
            audit.record(actor=actor, action="reveal.near_limit", target=actor, rule=code, used=used + 1)
    value = getattr(person, field)
    if field == "ethnicity":
        return codes.label("ethnicity", value)
    return value.isoformat() if isinstance(value, date) else str(value)


def require_reason(reason_code: str, reason_text: str) -> None:
    """Raises DomainError beside the field. An "other" reason is one in words."""
    if reason_code not in codes.items("access_reason"):
        raise DomainError(_("Please choose why you need the full value."), field="reason_code")
    if reason_code == OTHER_REASON and not reason_text.strip():
        raise DomainError(_("Please say in words why you need it."), field="reason_text")


def looks_left(actor: User) -> int | None:
    """How many full values the actor may still look at, once the alarm share of a limit is used; None before."""
    used = {code: looks_of(actor, span) for code, span in LIMITS.items()}
    near = [_limit(code) - count for code, count in used.items() if count >= alarm_at(code)]
    return min(near, default=None)


def looks_of(actor: User, span: timedelta) -> int:
    looks = AccessEvent.objects.filter(actor=actor, action=AccessEvent.Action.REVEAL)
    return looks.filter(at__gt=clock.now() - span).count()


def alarm_at(code: str) -> int:
    """The look at which the user is told and the audit log hears of it: 80 % of the limit, by policy."""
    return ceil(_limit(code) * float(rule("reveal.alarm_percent").value) / 100)


def _limit(code: str) -> int:
    return int(rule(code).value)


def _looks_below_limits(actor: User) -> dict[str, int]:
    """Looks so far by limit. The user's row is locked, so that parallel requests cannot pass the limit together."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
    used = {code: looks_of(actor, span) for code, span in LIMITS.items()}
    for code, count in used.items():
        if count >= _limit(code):
            message = _("You have looked at %(count)s full values already. Ask your supervisor, or try again later.")
            raise DomainError(message % {"count": count}, code="reveal_limit")
    return used
