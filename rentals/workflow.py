"""Which moves the rows of the rented homes allow in which state. An ended registration or filing is final: letting
again is a new one. A closed hazard is final: found again, it is a new one."""

from portal.core.workflow import Transition, Workflow
from rentals.choices import FilingStatus as F
from rentals.choices import HazardStatus as H
from rentals.choices import ReferralStatus as R
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

HAZARD_WORKFLOW = Workflow(
    [
        Transition("mended", frozenset({H.OPEN}), H.RECHECK, "work"),
        Transition("refer", frozenset({H.OPEN, H.RECHECK}), H.REFERRED, "work"),
        Transition("answer", frozenset({H.REFERRED}), H.RECHECK),
        Transition("return", frozenset({H.REFERRED}), H.OPEN),
        Transition("fail", frozenset({H.OPEN, H.RECHECK}), H.OPEN, "work"),
        Transition("close", frozenset({H.OPEN, H.RECHECK}), H.CLOSED, "work"),
    ]
)

REFERRAL_WORKFLOW = Workflow(
    [
        Transition("take", frozenset({R.SENT}), R.TAKEN, "handle"),
        Transition("answer", frozenset({R.TAKEN}), R.ANSWERED, "handle"),
        Transition("return", frozenset({R.SENT, R.TAKEN}), R.RETURNED, "handle"),
    ]
)
