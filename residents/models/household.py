from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.models import User
from portal.org.scoping import ScopedModel, ScopedQuerySet, scope_of
from residents.choices import HouseholdActKind
from residents.models.dwelling import Dwelling
from residents.models.person import SEE_RESTRICTED, Person, PersonalQuerySet
from residents.models.registration import RegistrationChange

HEAD = "02"  # the entry 户主 of GB/T 4761, in the code table `relationship`


@track()
class Household(Timestamped, Versioned, ScopedModel):
    """A household book (户): people who are registered at one dwelling and belong together, one of them its head.

    It owns who belongs to whom today. `Registration.head` and `.relation` are what the paper of the arrival said.
    Every active member has an active stay at `dwelling`; whoever moves or leaves alone leaves the book (ADR 0018).
    """

    scope_actions = ("view", "change")

    written_with = ("residents.Registration",)
    admitted_by = ("person", "head_id")
    field_classes = (
        c3("which household lives where, and who heads it", "dwelling", "head"),
        c2("since when the household book stands", "formed_on", "ended_on"),
    )

    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="households")
    head = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("householder"))
    formed_on = models.DateField(_("formed on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-formed_on", "-id"]
        indexes = [models.Index(fields=["dwelling"], condition=Q(ended_on=None), name="household_dwelling")]
        constraints = [
            models.UniqueConstraint(fields=["head"], condition=Q(ended_on=None), name="household_one_of_head"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("formed_on")), name="household_dates_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} @ {self.dwelling_id}"

    def get_absolute_url(self) -> str:
        return reverse("residents:household", args=[self.pk])


class HouseholdAct(Timestamped):
    """One act upon household books. The lines of members that it opened or closed point here, so taking it back is
    reading them. `other` is the second book: the new one of a split, the one that was joined into `household`.

    `change` is the line of the change ledger of which the act is a consequence; such an act goes back with that line.
    """

    walled_by = "household"
    field_classes = (
        c3("what happened to a household, and why", "household", "other", "reason", "change"),
        c2("what happened to a household: kind, day and by whom", "kind", "happened_on", "actor", "undone_by"),
    )

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="acts")
    other = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="acts_as_other")
    kind = models.CharField(_("kind"), max_length=10, choices=HouseholdActKind)
    happened_on = models.DateField(_("happened on"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    change = models.ForeignKey(
        RegistrationChange, null=True, on_delete=models.PROTECT, related_name="household_acts", db_index=True
    )
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    undone_by = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undoes")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_on}"


class HouseholdMemberQuerySet(PersonalQuerySet):
    def active(self) -> "HouseholdMemberQuerySet":
        return self.filter(left_on=None)

    def shown_to(self, viewer: User) -> "HouseholdMemberQuerySet":
        """Without people whose data may only be stored; the area is that of the household."""
        return self.filter(self._usable(viewer))

    def _usable(self, user: User) -> Q:  # type: ignore[override]
        handled = scope_of(user, Person, SEE_RESTRICTED)
        usable = Q(person__restricted_on=None)
        return usable if handled.is_nowhere else usable | handled.q("person__")


@track(found_by=("person",))
class HouseholdMember(Timestamped):
    """A line of the household book: this person, with this relation to the head, from `joined_on` until `left_on`
    (that day not counted). A new head begins a new line for everybody, so the relations of the past stay true.

    `relation` is a code of GB/T 4761 seen from the head; the head's own line carries 户主. `guardian` of a minor may be
    anybody on the register; `guardian_note` names one who is not.
    """

    walled_by = "household"
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("who belongs to which household, since when", "household", "person", "relation", "joined_on", "left_on"),
        c3("who answers for a minor (Zhejiang art. 7)", "guardian", "guardian_note"),
        c2("by which act the line began and ended", "begun_by", "ended_by"),
    )

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    relation = models.CharField(_("relation to the householder"), max_length=4)
    joined_on = models.DateField(_("joined on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)
    guardian = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("guardian")
    )
    guardian_note = models.CharField(_("guardian who lives elsewhere"), max_length=60, blank=True)
    begun_by = models.ForeignKey(HouseholdAct, null=True, on_delete=models.PROTECT, related_name="begun")
    ended_by = models.ForeignKey(HouseholdAct, null=True, on_delete=models.PROTECT, related_name="ended")

    objects = HouseholdMemberQuerySet.as_manager()

    class Meta:
        ordering = ["household", "id"]
        indexes = [models.Index(fields=["person", "-joined_on"], name="household_member_person")]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(left_on=None), name="household_member_once"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(left_on=None, relation=HEAD), name="household_one_head"
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")), name="household_member_dates_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.household_id}"
