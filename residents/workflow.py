"""Which moves a registration allows in which state, and which a request to hand one over. An ended stay is only
restored; an undone one is final."""

from portal.core.workflow import Transition, Workflow
from residents.choices import RegistrationStatus, TransferStatus

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

ASKED, REFUSED = frozenset({TransferStatus.REQUESTED}), frozenset({TransferStatus.REFUSED})

TRANSFER_WORKFLOW = Workflow(
    [
        Transition("accept", ASKED, TransferStatus.ACCEPTED, "answer"),
        Transition("refuse", ASKED, TransferStatus.REFUSED, "answer"),
        Transition("reopen", REFUSED, TransferStatus.REQUESTED, "answer"),
    ]
)
