"""Words of this department for the auditor's console."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.oversight.records import named, register_records
from portal.oversight.wording import register_words
from privacy.models import ProcessingActivity, SubjectRequest

PURPOSES = {
    "subject_request": _("Request of the person"),
    "access_sheet": _("Request of the person"),
    "data_copy": _("Request of the person"),
}
ACTIONS = {
    "activity.changed": _("Processing activity changed"),
    "consent.given": _("Consent recorded"),
    "consent.refused": _("Refusal of consent recorded"),
    "consent.withdrawn": _("Consent taken back"),
    "subject_request.received": _("Request of a person received"),
    "subject_request.answered": _("Request of a person answered"),
    "subject_request.refused": _("Request of a person refused"),
    "hold.set": _("Deletion stopped for an investigation"),
    "hold.lifted": _("Deletion released after an investigation"),
    "person.forgotten": _("Person file made anonymous"),
    "privacy.access_sheet": _("Sheet of looks made for the person"),
}

register_words(purposes=PURPOSES, actions=ACTIONS)
register_records(
    {
        "privacy.processingactivity": pgettext_lazy("record", "Processing activity"),
        "privacy.consent": pgettext_lazy("record", "Consent"),
        "privacy.legalhold": pgettext_lazy("record", "Legal hold"),
        "privacy.subjectrequest": pgettext_lazy("record", "Request of a person"),
        "privacy.subjectrequeststep": pgettext_lazy("record", "Step of a request"),
    },
    {
        "privacy.processingactivity": named(ProcessingActivity, lambda row: row.name),
        "privacy.subjectrequest": named(SubjectRequest, lambda row: row.number),
    },
)
