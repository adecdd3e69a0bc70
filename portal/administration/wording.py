"""Rights in words. A codename is for the database; nobody has to read one."""

from functools import cache

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.audit.three_admins import RIGHTS, codenames_of
from portal.org.delegable import action_of, app_of, is_reserved
from portal.org.scoping import grant_codename

Text = str | Promise

ACTIONS: dict[str, Text] = {
    "view": pgettext_lazy("right", "See"),
    "add": pgettext_lazy("right", "Add"),
    "change": pgettext_lazy("right", "Change"),
    "correct": pgettext_lazy("right", "Correct"),
    "verify": pgettext_lazy("right", "Verify"),
    "deregister": pgettext_lazy("right", "Deregister"),
    "restore": pgettext_lazy("right", "Restore"),
    "accept": pgettext_lazy("right", "Accept"),
    "review": pgettext_lazy("right", "Review"),
    "sign": pgettext_lazy("right", "Sign"),
    "deliver": pgettext_lazy("right", "Hand over"),
    "withdraw": pgettext_lazy("right", "Withdraw"),
    "remind": pgettext_lazy("right", "Remind"),
    "endorse": pgettext_lazy("right", "Endorse"),
    "terminate": pgettext_lazy("right", "Terminate"),
    "restrict": pgettext_lazy("right", "Restrict"),
    "see_restricted": pgettext_lazy("right", "See restricted"),
    "reveal": pgettext_lazy("right", "Show in full"),
    "print": pgettext_lazy("right", "Print"),
    "export": pgettext_lazy("right", "Export"),
    "export_full": pgettext_lazy("right", "Export in full"),
    "answer": pgettext_lazy("right", "Answer"),
    "handle": pgettext_lazy("right", "Handle"),
    "record": pgettext_lazy("right", "Record"),
    "refer": pgettext_lazy("right", "Refer"),
    "remove": pgettext_lazy("right", "Remove"),
    "work": pgettext_lazy("right", "Work on"),
    "assign": pgettext_lazy("right", "Give out"),
    "ask": pgettext_lazy("right", "Ask for"),
    "conduct": pgettext_lazy("right", "Conduct"),
    "check": pgettext_lazy("right", "Check"),
    "approve": pgettext_lazy("right", "Approve"),
    "import": pgettext_lazy("right", "Import"),
    "merge": pgettext_lazy("right", "Merge"),
}
RECORDS: dict[str, Text] = {
    "residents.person": pgettext_lazy("record", "Personal file"),
    "residents.dwelling": pgettext_lazy("record", "Dwelling"),
    "residents.registration": pgettext_lazy("record", "Registration of a stay"),
    "residents.registrationchange": pgettext_lazy("record", "Change of a registration"),
    "residents.visit": pgettext_lazy("record", "Visit"),
    "residents.household": pgettext_lazy("record", "Household book"),
    "residents.visittask": pgettext_lazy("record", "Task to visit a door"),
    "residents.departurerequest": pgettext_lazy("record", "Deregistration of many people"),
    "residents.samplingcampaign": pgettext_lazy("record", "Field test"),
    "residents.samplingframe": pgettext_lazy("record", "What a field test is drawn from"),
    "residents.sampleitem": pgettext_lazy("record", "Sample of a field test"),
    "residents.personcorrection": pgettext_lazy("record", "Correction of a file"),
    "residents.personmerge": pgettext_lazy("record", "Merge of two files"),
    "residents.mappingfile": pgettext_lazy("record", "Mapping file of another platform"),
    "residents.permit": pgettext_lazy("record", "Residence permit"),
    "residents.permitapplication": pgettext_lazy("record", "Permit application"),
    "residents.permitstep": pgettext_lazy("record", "Step of an application"),
    "residents.transferrequest": pgettext_lazy("record", "Request to move a file"),
    "exchange.exportrequest": pgettext_lazy("record", "Export of many rows"),
    "residents.building": pgettext_lazy("record", "Building with rooms"),
    "residents.dwellingmerge": pgettext_lazy("record", "Merge of two addresses"),
    "residents.addresslead": pgettext_lazy("record", "Address not yet found"),
    "residents.departureitem": pgettext_lazy("record", "Stay in a mass departure"),
    "residents.duplicatepair": pgettext_lazy("record", "Likely duplicate"),
    "residents.duplicateside": pgettext_lazy("record", "File of a likely duplicate"),
    "files.attachment": pgettext_lazy("record", "Attachment"),
    "privacy.consent": pgettext_lazy("record", "Consent"),
    "privacy.legalhold": pgettext_lazy("record", "Legal hold"),
    "privacy.subjectrequest": pgettext_lazy("record", "Request of a person"),
    "rentals.rentalregistration": pgettext_lazy("record", "Rental registration"),
    "rentals.leasefiling": pgettext_lazy("record", "Lease filing"),
    "rentals.tenancyreport": pgettext_lazy("record", "Report of a tenant"),
    "rentals.penaltyreferral": pgettext_lazy("record", "Referral for a penalty"),
    "rentals.rentalcampaign": pgettext_lazy("record", "Campaign for rented homes"),
    "rentals.inspection": pgettext_lazy("record", "Inspection of a rented home"),
    "rentals.hazard": pgettext_lazy("record", "Hazard of a rented home"),
    "rentals.hazardreferral": pgettext_lazy("record", "Referred hazard"),
    "rentals.housegrade": pgettext_lazy("record", "Hazard grade of a house"),
    "reports.areacount": pgettext_lazy("record", "Figures of the areas"),
    "org.user": pgettext_lazy("record", "Account"),
    "org.area": pgettext_lazy("record", "Area of the tree"),
    "org.department": pgettext_lazy("record", "Department"),
    "org.delegation": pgettext_lazy("record", "Delegation of police matters"),
    "org.areagroupgrant": pgettext_lazy("record", "Groups and grants"),
    "policy.policyrule": pgettext_lazy("record", "Deadline or rule"),
    "policy.calendarday": pgettext_lazy("record", "Day of the calendar"),
    "policy.codeitem": pgettext_lazy("record", "Code table"),
}
ROOMS: dict[str, Text] = {
    "residents": _("Register and permits"),
    "privacy": _("Rights of the person"),
    "rentals": _("Rented homes"),
    "employers": _("Work"),
    "familyplanning": _("Family services"),
    "education": _("Schooling"),
    "casework": _("Cases and mediation"),
    "reports": _("Overview and figures"),
    "files": _("Attachments"),
    "exchange": _("Data that leaves the house"),
}
MATTERS: dict[str, Text] = {
    "permit.accept": _("Accept permit applications"),
    "permit.deliver": _("Hand over permits"),
    "permit.endorse": _("Endorse permits"),
}
"""Police matters that a station can be asked to do."""
TABLES: dict[str, Text] = {
    "access_reason": pgettext_lazy("table", "Reasons to see data"),
    "channel": pgettext_lazy("table", "Channels of registration"),
    "danger_grade": pgettext_lazy("table", "Grades of danger of a house"),
    "dereg_reason": pgettext_lazy("table", "Reasons of departure"),
    "doc_kind": pgettext_lazy("table", "Kinds of document"),
    "dwelling_kind": pgettext_lazy("table", "Kinds of lodging"),
    "dwelling_kind_detail": pgettext_lazy("table", "Kinds of lodging, in detail"),
    "education": pgettext_lazy("table", "Education"),
    "ethnicity": pgettext_lazy("table", "Ethnic groups"),
    "exempt_place": pgettext_lazy("table", "Places without registration"),
    "campaign_category": pgettext_lazy("table", "Categories of a campaign"),
    "export_purpose": pgettext_lazy("table", "Purposes of an export"),
    "hazard_level": pgettext_lazy("table", "Levels of hazard"),
    "house_structure": pgettext_lazy("table", "Structures of a house"),
    "letting_space": pgettext_lazy("table", "Spaces let for living"),
    "house_type": pgettext_lazy("table", "Types of house"),
    "house_use": pgettext_lazy("table", "Uses of a house"),
    "hukou_kind": pgettext_lazy("table", "Kinds of hukou"),
    "inspection_item": pgettext_lazy("table", "Items of an inspection"),
    "insurance_kind": pgettext_lazy("table", "Kinds of insurance"),
    "lessor_type": pgettext_lazy("table", "Types of lessor"),
    "marital": pgettext_lazy("table", "Marital status"),
    "nationality": pgettext_lazy("table", "Countries and regions"),
    "occupation": pgettext_lazy("table", "Occupations"),
    "origin": pgettext_lazy("table", "Origins"),
    "permit_end_reason": pgettext_lazy("table", "Reasons why a permit ends"),
    "permit_ground": pgettext_lazy("table", "Grounds for a permit"),
    "permit_kind": pgettext_lazy("table", "Kinds of permit business"),
    "permit_material": pgettext_lazy("table", "Materials for a permit"),
    "permit_replace_reason": pgettext_lazy("table", "Reasons to replace a permit"),
    "political": pgettext_lazy("table", "Political affiliation"),
    "property_kind": pgettext_lazy("table", "Kinds of property"),
    "relationship": pgettext_lazy("table", "Relationships"),
    "rental_use": pgettext_lazy("table", "Uses of a rented home"),
    "sex": pgettext_lazy("table", "Sex"),
    "stay_duration": pgettext_lazy("table", "Lengths of stay"),
    "stay_reason": pgettext_lazy("table", "Reasons for a stay"),
    "stay_reason_local": pgettext_lazy("table", "Reasons for a stay, local"),
    "title_proof": pgettext_lazy("table", "Proofs of title"),
}
ORDER = list(ACTIONS)


def action_label(action: str) -> Text:
    return ACTIONS.get(action, action.replace("_", " "))


def record_label(model: type[models.Model]) -> Text:
    return RECORDS.get(model._meta.label_lower, model._meta.verbose_name or model.__name__)


def room_label(app_label: str) -> Text:
    return ROOMS.get(app_label, apps.get_app_config(app_label).verbose_name)


def right_label(codename: str) -> str:
    """`residents__view_person` → "Personal file: see"."""
    model = model_of(codename)
    return f"{record_label(model)}·{action_label(action_of(codename))}" if model else codename


def model_of(codename: str) -> type[models.Model] | None:
    try:
        return apps.get_model(app_of(codename), codename.rpartition("_")[2])
    except LookupError:
        return None


def actions_of(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(getattr(model, "scope_actions", ()))


@cache
def administrators_only() -> frozenset[str]:
    """Rights that only the three administrators ever hold, wherever their records stand."""
    return frozenset(codename for kind in RIGHTS for codename in codenames_of(kind))


def may_be_given(codename: str) -> bool:
    """By a security administrator, to groups and people of the departments."""
    return not is_reserved(codename) and codename not in administrators_only()


def grantable_actions(model: type[models.Model]) -> list[str]:
    return [action for action in actions_of(model) if may_be_given(grant_codename(model, action))]


def grantable_models() -> list[type[models.Model]]:
    """Everything a security administrator may hand out: the register first, then the order of the apps."""
    found = [model for model in apps.get_models() if grantable_actions(model)]
    return sorted(found, key=lambda model: model._meta.app_label != "residents")


def position(action: str) -> int:
    """Reading first, then the daily steps, then what leaves the building."""
    return ORDER.index(action) if action in ACTIONS else len(ORDER)
