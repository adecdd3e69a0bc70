"""A person's word on one purpose: given, refused, withdrawn (PIPL arts 14–16, 29; digest P6, P17)."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from portal.policy.services import rule
from privacy.choices import ConsentForm, ConsentStatus
from privacy.models import Consent, ProcessingActivity
from privacy.selectors import may_be_asked
from residents.models import Person
from residents.services.guardians import age_on
from residents.services.versions import require_version


@transaction.atomic
def give_consent(
    *,
    person_id: int,
    activity_code: str,
    told: str,
    guardian_name: str = "",
    on_own_wish: bool = False,
    note: str = "",
    actor: User,
) -> Consent:
    """Consent to one activity. Refused for activities that rest on a statutory duty: there is nothing to agree to.

    After a refusal or withdrawal nobody asks again: then it is taken only `on_own_wish` of the person. For children
    below the age of the rule `privacy.minor_age` a guardian agrees (art. 31).
    """
    person, activity = _about(person_id, activity_code, actor)
    _require_form(told)
    if not on_own_wish and not may_be_asked(person, activity):
        message = _("The person has answered this already. Ask no more; record a change only on the person's own wish.")
        raise DomainError(message, field="on_own_wish", code="asked_before")
    if has_consent := Consent.objects.filter(person=person, activity=activity, status=ConsentStatus.GIVEN).first():
        _end(has_consent, actor)
    _require_guardian(person, guardian_name)
    made = _record(person, activity, ConsentStatus.GIVEN, told, actor, guardian_name=guardian_name, note=note)
    audit.record(actor=actor, action="consent.given", target=made, activity=activity.code)
    return made


@transaction.atomic
def refuse_consent(*, person_id: int, activity_code: str, told: str, note: str = "", actor: User) -> Consent:
    """Keep the refusal, so that nobody asks again. Services that do not need the data go on as before."""
    person, activity = _about(person_id, activity_code, actor)
    _require_form(told)
    if Consent.objects.filter(person=person, activity=activity, status=ConsentStatus.GIVEN).exists():
        raise DomainError(_("A consent is in force. Withdraw it instead."), code="in_force")
    made = _record(person, activity, ConsentStatus.REFUSED, told, actor, note=note)
    audit.record(actor=actor, action="consent.refused", target=made, activity=activity.code)
    return made


@transaction.atomic
def withdraw_consent(*, consent_id: int, version: int, actor: User) -> Consent:
    """As easily as it was given: one act, no reason asked (art. 15). What was done before stays lawful."""
    rows = Consent.objects.restrict(actor, "withdraw").select_for_update(of=("self",)).select_related("activity")
    consent: Consent = rows.get(pk=consent_id)
    if consent.status != ConsentStatus.GIVEN:
        raise DomainError(_("This consent is not in force any more."), code="wrong_state")
    require_version(consent, version)
    _end(consent, actor, counted=True)
    return consent


def _about(person_id: int, activity_code: str, actor: User) -> tuple[Person, ProcessingActivity]:
    person = Person.objects.restrict(actor, "view").select_for_update(of=("self",)).get(pk=person_id)
    require(actor, Consent, "record", at=person.area_code)
    activity = ProcessingActivity.objects.filter(code=activity_code).first()
    if activity is None or not _in_force(activity, clock.today()):
        raise DomainError(_("Please choose what the consent is for."), field="activity_code")
    if not activity.needs_consent:
        message = _("This rests on “%(law)s” and needs no consent. Give the notice instead.")
        raise DomainError(message % {"law": activity.law}, field="activity_code", code="no_consent_needed")
    return person, activity


def _in_force(activity: ProcessingActivity, day: date) -> bool:
    return activity.valid_from <= day and (activity.valid_to is None or day <= activity.valid_to)


def _require_form(told: str) -> None:
    if told not in ConsentForm.values:
        raise DomainError(_("Please choose how the person told it."), field="told")


def _require_guardian(person: Person, guardian_name: str) -> None:
    limit = int(rule("privacy.minor_age", area_code=person.area_code).value)
    if age_on(person.birth_date, clock.today()) < limit and not guardian_name.strip():
        message = _("For a child under %(age)s a guardian agrees. Enter the guardian's name.")
        raise DomainError(message % {"age": limit}, field="guardian_name", code="guardian")


def _record(person: Person, activity: ProcessingActivity, status: str, told: str, actor: User, **rest: str) -> Consent:
    return Consent.objects.create(
        person=person,
        area_code=person.area_code,
        activity=activity,
        purpose=activity.purpose,
        status=status,
        told=told,
        given_on=clock.today(),
        recorded_by=actor,
        **{key: value.strip() for key, value in rest.items()},
    )


def _end(consent: Consent, actor: User, *, counted: bool = False) -> None:
    consent.status = ConsentStatus.WITHDRAWN
    consent.withdrawn_on, consent.withdrawn_by = clock.today(), actor
    if not counted:
        consent.version += 1
    consent.save(update_fields=["status", "withdrawn_on", "withdrawn_by", "version"])
    audit.record(actor=actor, action="consent.withdrawn", target=consent, activity_id=consent.activity_id)
