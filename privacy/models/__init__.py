from privacy.models.activity import ProcessingActivity
from privacy.models.consent import Consent
from privacy.models.hold import LegalHold
from privacy.models.request import SubjectRequest, SubjectRequestStep

__all__ = ["Consent", "LegalHold", "ProcessingActivity", "SubjectRequest", "SubjectRequestStep"]
