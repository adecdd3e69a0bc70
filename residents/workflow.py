"""Which moves a registration allows in which state. An ended stay is only restored; an undone one is final."""

from portal.core.workflow import Transition, Workflow
from residents.choices import RegistrationStatus

ACTIVE, LEFT = frozenset({RegistrationStatus.ACTIVE}), frozenset({RegistrationStatus.LEFT})

REGISTRATION_WORKFLOW = Workflow(
    [
        Transition("change", ACTIVE, RegistrationStatus.ACTIVE, "change"),
        Transition("move", ACTIVE, RegistrationStatus.LEFT, "change"),
        Transition("leave", ACTIVE, RegistrationStatus.LEFT, "deregister"),
        Transition("verify", ACTIVE, RegistrationStatus.ACTIVE, "verify"),
        Transition("restore", LEFT, RegistrationStatus.ACTIVE, "restore"),
        Transition("void", ACTIVE, RegistrationStatus.VOID, "change"),
    ]
)
