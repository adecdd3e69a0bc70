"""Which moves a rental registration and a lease filing allow in which state. An ended one is final: letting again is a
new one."""

from portal.core.workflow import Transition, Workflow
from rentals.choices import FilingStatus as F
from rentals.choices import RentalStatus as S

RENTAL_WORKFLOW = Workflow(
    [
        Transition("complete", frozenset({S.SUBMITTED, S.RETURNED}), S.SUBMITTED, "add"),
        Transition("change", frozenset({S.REGISTERED}), S.REGISTERED, "add"),
        Transition("accept", frozenset({S.SUBMITTED}), S.REGISTERED, "review"),
        Transition("return", frozenset({S.SUBMITTED}), S.RETURNED, "review"),
        Transition("renew", frozenset({S.REGISTERED}), S.REGISTERED, "add"),
        Transition("end", frozenset({S.SUBMITTED, S.RETURNED, S.REGISTERED}), S.ENDED, "add"),
    ]
)

FILING_WORKFLOW = Workflow(
    [
        Transition("accept", frozenset({F.SUBMITTED}), F.FILED, "review"),
        Transition("refuse", frozenset({F.SUBMITTED}), F.REFUSED, "review"),
        Transition("renew", frozenset({F.FILED}), F.FILED, "add"),
        Transition("end", frozenset({F.SUBMITTED, F.FILED}), F.ENDED, "add"),
    ]
)
