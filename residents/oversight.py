"""What the auditor's console may learn of the register: masked names and which records hang on a person."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.org.services import system_user
from portal.oversight.people import Directory, register
from portal.oversight.records import named, register_records
from portal.oversight.wording import register_words
from portal.vault.masks import mask_name
from residents.choices import RegistrationStatus
from residents.models import MappingFile, Permit, PermitApplication, Person, Registration, SamplingCampaign

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
register_words(
    purposes={
        "duplicates": _("Looking for a file that exists already"),
        "renewal": _("Renewal of a registration"),
        "palette": _("Search by name or number"),
        "recent": _("Own list of files opened last"),
        "voucher": _("Registration voucher"),
        "correction": _("Correction of the file"),
        "dwelling": _("People of a dwelling"),
        "as_of": _("Who lived at an address on a past day"),
        "building": _("People of a building"),
        "household": _("Household book"),
        "together": _("Who lived together"),
        "transfer": _("Moving a file between units"),
        "transfers": _("List of files to be moved"),
        "visit": _("Visit at the door"),
        "visit_sheet": _("Visit sheet"),
        "suspected": _("List of people who seem to have left"),
        "mass_departure": _("Deregistration of many people"),
        "sample": _("Record drawn for a field test"),
        "permit": _("Residence permit opened"),
        "permit_application": _("Application for a residence permit"),
        "permit_queue": _("Residence permit review"),
        "permit_file": _("Residence permit review"),
        "permit_card": _("Printing of the residence permit"),
        "permit_receipt": _("Receipt for a permit file"),
        "permit_notice": _("One-time notice of missing papers"),
        "permit_endorsement": _("Endorsement of the residence permit"),
        "permit_endorsements": _("List of endorsements due"),
    },
    actions={
        "person.opened": _("Person file set up"),
        "person.refreshed": _("Person file brought up to date"),
        "person.corrected": _("Person file corrected"),
        "person.not_same": _("Found to be somebody else"),
        "person.restricted": _("Use of the file restricted"),
        "person.restriction_lifted": _("Restriction of the file lifted"),
        "reveal.near_limit": _("Nearly at the limit of full values"),
        "registration.arrived": _("Arrival registered"),
        "registration.renewed": _("Stay registered again"),
        "registration.moved": _("Move registered"),
        "registration.left": _("Departure registered"),
        "registration.restored": _("Registration restored"),
        "registration.undone": _("Step of a registration undone"),
        "registration.verified": _("Registration verified"),
        "person.merged": _("Two files merged"),
        "person.pair_named": _("Two files named as one person's"),
        "person.parted": _("Merge of two files taken back"),
        "person.pair_apart": _("Two files kept apart"),
        "person.pair_reopened": _("Likely duplicates proposed again"),
        "registration.workplace_changed": _("New workplace registered"),
        "registration.suspected": _("Somebody told that the person has left"),
        "visit.opened": _("Visit begun"),
        "visit.taken": _("Visit taken on"),
        "visit.assigned": _("Visit given to somebody"),
        "visit.postponed": _("Visit put off"),
        "visit.undone": _("Answer of a visit taken back"),
        "departure.asked": _("Deregistration of many people asked for"),
        "departure.approved": _("Deregistration of many people approved"),
        "departure.refused": _("Deregistration of many people turned down"),
        "sampling.drawn": _("Sample drawn"),
        "sampling.assigned": _("Sample given to somebody"),
        "sampling.entered": _("Finding of a field test entered"),
        "household.formed": _("Household book opened"),
        "household.arrived": _("Household registered on arrival"),
        "household.joined": _("Joined a household"),
        "household.split": _("Household split"),
        "household.head": _("Householder changed"),
        "household.moved": _("Household moved"),
        "household.left": _("Left the household"),
        "household.returned": _("Back in the household"),
        "household.guardian": _("Guardian of a minor named"),
        "household.undone": _("Step of a household undone"),
        "dwelling.added": _("Dwelling added"),
        "dwelling.alias_added": _("Further name of a dwelling added"),
        "dwelling.alias_removed": _("Further name of a dwelling removed"),
        "dwelling.merged": _("Double of an address merged"),
        "dwelling.parted": _("Merge of two addresses taken back"),
        "dwelling.places_changed": _("Places and beds of a dwelling changed"),
        "building.laid_out": _("Rooms of a building laid out"),
        "plates.printed": _("Door plates printed"),
        "lead.noted": _("Missing address noted"),
        "lead.resolved": _("Missing address found"),
        "lead.dismissed": _("Missing address dismissed"),
        "registration.bed_named": _("Bed of a stay named"),
        "mapping.added": _("Mapping file of another platform added"),
        "mapping.replaced": _("Mapping file of another platform replaced"),
        "mapping.switched_on": _("Mapping file of another platform switched on"),
        "mapping.switched_off": _("Mapping file of another platform switched off"),
        "notice.published": _("Notice of data collection published"),
        "transfer.requested": _("Move of a file asked for"),
        "transfer.accepted": _("Move of a file accepted"),
        "transfer.refused": _("Move of a file refused"),
        "transfer.reopened": _("Move of a file opened again"),
        "application.accepted": _("Permit application accepted"),
        "application.completed": _("Missing papers handed in"),
        "application.returned_once": _("Permit application returned with the one-time notice"),
        "application.reviewed": _("Permit application reviewed"),
        "application.signed": _("Permit application signed"),
        "application.rejected": _("Permit application rejected"),
        "application.delivered": _("Residence permit handed over"),
        "application.withdrawn": _("Permit application withdrawn"),
        "application.undone": _("Decision on a permit application undone"),
        "due_date_recounted": _("Due date of a permit application counted again"),
        "permit.reminded": _("Reminded of the endorsement"),
        "permit.endorsed": _("Residence permit endorsed"),
        "permit.suspended": _("Residence permit suspended"),
        "permit.terminated": _("Residence permit terminated"),
        "permit.voided": _("Residence permit declared void"),
        "permit.address_changed": _("Address on the residence permit changed"),
        "permit.end_proposed": _("End of the residence permit proposed"),
        "permit.kept": _("Residence permit kept"),
        "permit.old_taken_in": _("Old residence permit taken in"),
    },
)
register_records(
    {
        "residents.person": pgettext_lazy("record", "Personal file"),
        "residents.dwelling": pgettext_lazy("record", "Dwelling"),
        "residents.registration": pgettext_lazy("record", "Registration of a stay"),
        "residents.registrationchange": pgettext_lazy("record", "Change of a registration"),
        "residents.visit": pgettext_lazy("record", "Visit"),
        "residents.household": pgettext_lazy("record", "Household book"),
        "residents.householdact": pgettext_lazy("record", "Step of a household"),
        "residents.householdmember": pgettext_lazy("record", "Member of a household"),
        "residents.visittask": pgettext_lazy("record", "Task to visit a door"),
        "residents.departurerequest": pgettext_lazy("record", "Deregistration of many people"),
        "residents.departureitem": pgettext_lazy("record", "Stay in a mass departure"),
        "residents.samplingcampaign": pgettext_lazy("record", "Field test"),
        "residents.samplingframe": pgettext_lazy("record", "What a field test is drawn from"),
        "residents.sampleitem": pgettext_lazy("record", "Sample of a field test"),
        "residents.personcorrection": pgettext_lazy("record", "Correction of a file"),
        "residents.personmerge": pgettext_lazy("record", "Merge of two files"),
        "residents.permit": pgettext_lazy("record", "Residence permit"),
        "residents.permitapplication": pgettext_lazy("record", "Permit application"),
        "residents.permitstep": pgettext_lazy("record", "Step of an application"),
        "residents.permitmaterial": pgettext_lazy("record", "Paper of an application"),
        "residents.endorsement": pgettext_lazy("record", "Endorsement of a permit"),
        "residents.mappingfile": pgettext_lazy("record", "Mapping file of another platform"),
        "residents.transferrequest": pgettext_lazy("record", "Request to move a file"),
        "residents.building": pgettext_lazy("record", "Building with rooms"),
        "residents.dwellingalias": pgettext_lazy("record", "Further name of a dwelling"),
        "residents.dwellingmerge": pgettext_lazy("record", "Merge of two addresses"),
        "residents.addresslead": pgettext_lazy("record", "Address not yet found"),
        "residents.duplicatepair": pgettext_lazy("record", "Likely duplicate"),
        "residents.duplicateside": pgettext_lazy("record", "File of a likely duplicate"),
        "residents.notsameperson": pgettext_lazy("record", "Files kept apart"),
        "residents.notice": pgettext_lazy("record", "Notice of data collection"),
        "residents.draft": pgettext_lazy("record", "Draft of a form"),
        "residents.recentlook": pgettext_lazy("record", "File opened last"),
        "residents.numberseries": pgettext_lazy("record", "Running numbers"),
    },
    {
        "residents.permitapplication": named(PermitApplication, lambda row: row.number),
        "residents.mappingfile": named(MappingFile, lambda row: row.title),
        "residents.samplingcampaign": named(SamplingCampaign, lambda row: row.name),
    },
)
