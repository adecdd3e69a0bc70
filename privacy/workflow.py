"""Which moves a subject request allows. Nothing is told before it is known who asks; a closed request stays closed."""

from portal.core.workflow import Transition, Workflow
from privacy.choices import RequestStatus

RECEIVED, CHECKED = frozenset({RequestStatus.RECEIVED}), frozenset({RequestStatus.CHECKED})
STARTED = frozenset({RequestStatus.STARTED})
OPEN = (RequestStatus.RECEIVED, RequestStatus.CHECKED, RequestStatus.STARTED)

REQUEST_WORKFLOW = Workflow(
    [
        Transition("check", RECEIVED, RequestStatus.CHECKED, "handle"),
        Transition("start", CHECKED, RequestStatus.STARTED, "handle"),
        Transition("act", STARTED, RequestStatus.STARTED, "handle"),
        Transition("answer", STARTED, RequestStatus.ANSWERED, "handle"),
        Transition("refuse", RECEIVED | CHECKED | STARTED, RequestStatus.REFUSED, "handle"),
    ]
)
