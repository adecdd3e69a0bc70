"""Who sees what of requests, consents and holds. How to reach the person who asked is for those who answer."""

from portal.core.classes import DataClass
from portal.vault.masks import mask_phone
from portal.vault.projection import Gets, Policy, Rule, extend, register
from privacy.models import Consent, LegalHold, ProcessingActivity, SubjectRequest, SubjectRequestStep
from residents.models import HouseholdMember, Permit, PermitApplication, Person, Registration, RegistrationChange, Visit

C1, C2, C3 = DataClass.C1, DataClass.C2, DataClass.C3
ORDINARY = Gets(full=(C1, C2, C3))

register(Policy(ProcessingActivity, staff=Gets(full=(C1, C2))))
register(Policy(Consent, rules=(Rule((Consent, "view"), ORDINARY),)))
register(Policy(LegalHold, rules=(Rule((LegalHold, "view"), ORDINARY),)))
register(
    Policy(
        SubjectRequest,
        rules=(
            Rule((SubjectRequest, "view"), Gets(full=(C1, C2, C3), masked=("requester_contact",))),
            Rule((SubjectRequest, "handle"), Gets(full=("requester_contact",))),
        ),
        masks={"requester_contact": mask_phone},
    )
)
register(Policy(SubjectRequestStep, rules=(Rule((SubjectRequest, "view"), ORDINARY),)))

# Whoever answers the person's own request hands over everything that is held (PIPL art. 45).
for model in (Person, Registration, HouseholdMember, RegistrationChange, Visit, Permit, PermitApplication):
    extend(model, Rule((SubjectRequest, "handle"), Gets(full=(C2, C3, DataClass.C4)), ("copy",)))
