"""Which columns say of which person a row is: they go along where two files are merged (ADR 0017)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.choices import ConsentStatus
from privacy.models import Consent, LegalHold, SubjectRequest
from residents.extension import PersonLink, link_person

link_person(
    PersonLink(model=Consent, label=_("Consents"), once=("activity_id",), once_where=Q(status=ConsentStatus.GIVEN))
)
link_person(PersonLink(model=SubjectRequest, label=_("Requests of the person")))
link_person(PersonLink(model=LegalHold, label=_("Legal holds")))
