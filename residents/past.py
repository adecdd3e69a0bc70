"""How the register's tables are read as they were at a past moment (portal.audit.past), and what is never shown so."""

from portal.audit.past import Past, declare
from residents.models import (
    Dwelling,
    Permit,
    PermitApplication,
    PermitMaterial,
    Person,
    Registration,
    RegistrationChange,
)

# Whoever was forgotten since is nowhere, and who may only be stored today is held back in the past as well: a right
# of the person does not end at the date that somebody types (PIPL arts 19 and 47).
RESTRICTED = "coalesce((SELECT n.restricted_on FROM residents_person n WHERE n.id = e.pgh_obj_id), e.restricted_on)"
NOT_FORGOTTEN = "NOT EXISTS (SELECT FROM residents_person n WHERE n.id = e.pgh_obj_id AND n.forgotten_on IS NOT NULL)"
# The line was undone only when the line that undoes it had been written.
UNDONE = """CASE WHEN (SELECT u.created_at FROM residents_registrationchange u WHERE u.id = e.undone_by_id) <= {moment}
    THEN e.undone_by_id END"""
# A paper handed in on the day of the moment and touched after it is taken for not yet there.
RECEIVED = """CASE WHEN e.updated_at <= {moment} OR e.received_on < ({moment} AT TIME ZONE 'Asia/Shanghai')::date
    THEN e.received_on END"""

declare(
    Person,
    Past(replaced={"restricted_on": RESTRICTED}, where=NOT_FORGOTTEN, steps="sec.person_steps"),
)
declare(Dwelling, Past(steps="sec.dwelling_steps"))
declare(Registration, Past(steps="sec.registration_steps"))
declare(Permit, Past(steps="sec.permit_steps"))
declare(PermitApplication, Past(steps="sec.application_steps"))
declare(RegistrationChange, Past(replaced={"undone_by_id": UNDONE}))
declare(PermitMaterial, Past(replaced={"received_on": RECEIVED}))

STAYS = (Registration, Person)
