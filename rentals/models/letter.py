from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from rentals.choices import SignedHow
from rentals.models.registration import RentalRegistration


@track()
class ResponsibilityLetter(Timestamped, Versioned):
    """The landlord's letter of responsibility for the safety of a let dwelling (治安责任书, digest row 70). It repeats
    duties that the law sets and adds none. One for each registration and year; a renewed one begins on the day after
    the one before. A signed paper is kept as an attachment of this row.
    """

    walled_by = "rental"
    field_classes = (
        c2("which letting, which year, under which number", "rental", "year", "number"),
        c2("when it was issued and by whom", "issued_on", "issued_by"),
        c2("when and how it was signed, and until when it holds", "signed_on", "manner", "valid_from", "valid_to"),
        c3("who signed it", "signer_name"),
        c2("before whom it was signed", "signed_before"),
    )

    rental = models.ForeignKey(RentalRegistration, on_delete=models.CASCADE, related_name="letters")
    year = models.PositiveSmallIntegerField(_("year of the letter"))
    number = models.CharField(_("number of the letter"), max_length=22)
    issued_on = models.DateField(_("issued on"))
    issued_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    manner = models.CharField(_("how it was signed"), max_length=6, choices=SignedHow, blank=True)
    signer_name = models.CharField(_("who signed"), max_length=80, blank=True)
    signed_before = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField(_("holds from"), null=True, blank=True)
    valid_to = models.DateField(_("holds until"), null=True, blank=True)

    class Meta:
        ordering = ["-year", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["rental", "year"], name="letter_once_a_year"),
            models.UniqueConstraint(fields=["number"], name="letter_number_once"),
            models.UniqueConstraint(fields=["rental"], condition=Q(signed_on=None), name="letter_one_to_sign"),
            models.CheckConstraint(
                condition=Q(signed_on=None, manner="", signer_name="", valid_from=None, valid_to=None)
                | (
                    ~Q(manner="")
                    & ~Q(signer_name="")
                    & Q(signed_on__gte=F("issued_on"), valid_from__gte=F("signed_on"), valid_to__gt=F("valid_from"))
                ),
                name="letter_signed_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("rentals:letter_detail", args=[self.rental_id])
