"""Addresses that are missing in the master. A lead is a note, never a place to register at."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import Scope, scope_of
from residents.choices import LeadStatus
from residents.models import AddressLead, Dwelling, Registration
from residents.services.versions import require_version


def may_note_leads(actor: User, area_code: str) -> bool:
    """Whoever registers people or keeps the addresses of the community."""
    scopes = [scope_of(actor, Registration, "add"), scope_of(actor, Dwelling, "add")]
    return any(area_code in scope for scope in scopes)


def leads_scope(actor: User) -> Scope:
    return scope_of(actor, Dwelling, "change")


@transaction.atomic
def note_lead(*, area_code: str, text: str, told_by: str = "", actor: User) -> AddressLead:
    """`area_code` is the community where the address is to be looked for. The same text waits there only once."""
    if not may_note_leads(actor, area_code):
        raise DomainError(_("Please choose one of your communities."), field="area_code")
    text = " ".join(text.split())
    if not text:
        raise DomainError(_("Please write down the address as it was told."), field="text")
    waiting = AddressLead.objects.filter(area_code=area_code, text=text[:200], status=LeadStatus.OPEN).first()
    if waiting is not None:
        return waiting
    lead = AddressLead.objects.create(
        area_code=area_code, text=text[:200], told_by=" ".join(told_by.split())[:60], noted_by=actor
    )
    audit.record(actor=actor, action="lead.noted", target=lead)
    return lead


@transaction.atomic
def resolve_lead(*, lead_id: int, dwelling_id: int, version: int, actor: User) -> AddressLead:
    """The address is this door."""
    lead = _locked(lead_id, version, actor)
    dwelling = Dwelling.objects.restrict(actor, "view").filter(pk=dwelling_id).first()
    if dwelling is None:
        raise DomainError(_("Please choose an address from the list, or add the dwelling."), field="dwelling")
    lead.dwelling = dwelling.merged_into or dwelling
    return _answered(lead, LeadStatus.RESOLVED, "", actor)


@transaction.atomic
def dismiss_lead(*, lead_id: int, answer: str, version: int, actor: User) -> AddressLead:
    lead = _locked(lead_id, version, actor)
    if not answer.strip():
        raise DomainError(_("Please say why there is no such address."), field="answer")
    return _answered(lead, LeadStatus.DISMISSED, answer.strip()[:200], actor)


def _locked(lead_id: int, version: int, actor: User) -> AddressLead:
    rows = AddressLead.objects.filter(leads_scope(actor).q()).select_for_update(of=("self",))
    lead = require_version(rows.get(pk=lead_id), version)
    if lead.status != LeadStatus.OPEN:
        raise DomainError(_("Somebody has answered this note already."), code="answered")
    return lead


def _answered(lead: AddressLead, status: LeadStatus, answer: str, actor: User) -> AddressLead:
    lead.status, lead.answer, lead.told_by = status, answer, ""
    lead.answered_by, lead.answered_at = actor, clock.now()
    lead.save()
    audit.record(actor=actor, action=f"lead.{status}", target=lead)
    return lead
