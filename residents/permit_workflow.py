from portal.core.workflow import Transition, Workflow
from residents.choices import ApplicationStatus as A
from residents.choices import PermitStatus as P

APPLICATION_WORKFLOW = Workflow(
    [
        Transition("complete", frozenset({A.RETURNED}), A.ACCEPTED, "accept"),
        Transition("return", frozenset({A.ACCEPTED}), A.RETURNED, "review"),
        Transition("review", frozenset({A.ACCEPTED}), A.REVIEWED, "review"),
        Transition("sign", frozenset({A.REVIEWED}), A.ISSUED, "sign"),
        Transition("deliver", frozenset({A.ISSUED}), A.DELIVERED, "deliver"),
        Transition("reject", frozenset({A.ACCEPTED, A.REVIEWED}), A.REJECTED, "review"),
        Transition("withdraw", frozenset({A.RETURNED, A.ACCEPTED, A.REVIEWED}), A.WITHDRAWN, "withdraw"),
    ]
)

PERMIT_WORKFLOW = Workflow(
    [
        Transition("endorse", frozenset({P.ACTIVE, P.SUSPENDED}), P.ACTIVE, "endorse"),
        Transition("suspend", frozenset({P.ACTIVE}), P.SUSPENDED),
        Transition("terminate", frozenset({P.ACTIVE, P.SUSPENDED}), P.TERMINATED, "terminate"),
    ]
)
