from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, newest_first_indexes
from portal.vault.fields import EncryptedTextField
from privacy.choices import Requester, RequestKind, RequestStatus, StepKind
from residents.models import Person, PersonalQuerySet

CLOSED = (RequestStatus.ANSWERED, RequestStatus.REFUSED)


class SubjectRequest(Timestamped, Versioned, ScopedModel):
    """Somebody asks to see, copy, correct, delete, restrict or have explained (PIPL arts 44–50; digest P10).

    `due_on` counts working days from the day of receipt by the rule kept in `due_rule`. Nothing is told or done
    before `identity_means` says how it was made sure who asks. A refusal has a reason, which the person is told.
    """

    scope_actions = ("view", "add", "handle")
    admitted_by = ("person", "person_id")
    field_classes = (
        c4("reaching the person who asked", "requester_contact"),
        c3("who asks for what", "person", "kind", "requester", "requester_name", "relation_proof", "wish"),
        c3("how it was answered", "identity_means", "answer", "refusal_reason"),
        c2(
            "the course of the request",
            "number",
            "status",
            "received_on",
            "due_on",
            "due_rule",
            "acted_at",
            "closed_at",
        ),
        c2("who dealt with it", "registrar", "handler", "checked_by", "checked_at"),
    )

    number = models.CharField(_("request number"), max_length=22)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="subject_requests")
    kind = models.CharField(_("kind of request"), max_length=8, choices=RequestKind)
    status = models.CharField(_("status"), max_length=8, choices=RequestStatus, default=RequestStatus.RECEIVED)
    requester = models.CharField(_("who asks"), max_length=8, choices=Requester, default=Requester.SELF)
    requester_name = models.CharField(_("name of the requester"), max_length=50, blank=True)
    relation_proof = models.CharField(_("proof of the relation"), max_length=200, blank=True)
    requester_contact = EncryptedTextField(_("contact of the requester"), blank=True, default="", max_length=60)
    wish = models.TextField(_("what is asked for"), max_length=1000, blank=True)
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("answer due"))
    due_rule = models.JSONField(default=dict)
    identity_means = models.CharField(_("how the identity was checked"), max_length=200, blank=True)
    checked_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    registrar = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    acted_at = models.DateTimeField(_("carried out"), null=True, blank=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    refusal_reason = models.TextField(_("reason for the refusal"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            *newest_first_indexes("subjreq"),
            models.Index(fields=["county_code", "status", "due_on"], name="subjreq_county_due"),
            models.Index(fields=["person", "-received_on"], name="subjreq_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="subjreq_number_once"),
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.REFUSED) | ~Q(refusal_reason=""), name="subjreq_refusal_reasoned"
            ),
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.ANSWERED) | ~Q(answer=""), name="subjreq_answer_given"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[RequestStatus.RECEIVED, RequestStatus.REFUSED])
                | (Q(checked_at__isnull=False) & ~Q(identity_means="")),
                name="subjreq_identity_first",
            ),
            models.CheckConstraint(
                condition=Q(status__in=CLOSED, closed_at__isnull=False) | (~Q(status__in=CLOSED) & Q(closed_at=None)),
                name="subjreq_closed_dated",
            ),
            models.CheckConstraint(
                condition=Q(requester=Requester.SELF) | (~Q(requester_name="") & ~Q(relation_proof="")),
                name="subjreq_others_prove_it",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("privacy:request_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED


class SubjectRequestStep(Timestamped):
    """What was done with a request, when and by whom."""

    walled_by = "request"
    field_classes = (
        c2("the course of the request", "request", "kind", "actor"),
        c3("remarks on the course of the request", "note"),
    )

    request = models.ForeignKey(SubjectRequest, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(_("step"), max_length=10, choices=StepKind)
    note = models.CharField(_("remark"), max_length=300, blank=True)
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"
