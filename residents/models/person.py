from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.core.web.numbered import address_of
from portal.org.models import User
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes, scope_of
from portal.vault.fields import EncryptedTextField
from residents.choices import DocumentKind, Sex

SEE_RESTRICTED = "see_restricted"


class PersonalQuerySet(ScopedQuerySet):
    """Rows about a person. `restrict` leaves out people whose data may only be stored (PIPL art. 47, digest P11),
    except for those who deal with their request: the grant "see_restricted" on Person."""

    person_column = "person_id"

    def restrict(self, user: User | AnonymousUser, action: str = "view") -> Self:
        return super().restrict(user, action).filter(self._usable(user))

    def _usable(self, user: User | AnonymousUser) -> Q:
        """A list of the few restricted people, not a join: every list of the register passes here, and a look at the
        table of people would bring its whole wall along."""
        usable = ~Q(**{f"{self.person_column}__in": RawSQL("SELECT unnest(ARRAY(SELECT sec.held_back()))", [])})
        handled = scope_of(user, Person, SEE_RESTRICTED)
        return usable if handled.is_nowhere else usable | handled.q()


class PersonQuerySet(PersonalQuerySet):
    person_column = "pk"

    def name_contains(self, *parts: str, former: bool = False) -> "PersonQuerySet":
        """Any of the parts; `former` adds people of other areas who once stayed in one's own. Served by the
        single-character GIN index, which row-level security would close: `sec.people_named` looks there, once a
        statement because of the array, and compares the areas itself."""
        found = RawSQL("SELECT unnest(ARRAY(SELECT sec.people_named(%s::text[], %s)))", [list(parts), former])
        return self.filter(pk__in=found)

    def name_contains_best(self, part: str, most: int) -> "PersonQuerySet":
        """The same for a few rows: holds the `most` closest and newest for certain, and perhaps others."""
        found = RawSQL("SELECT unnest(ARRAY(SELECT sec.people_named_best(%s, %s)))", [part, most])
        return self.filter(pk__in=found)


@track(exclude=["document_index", "document_tail_index", "phone_index"])
class Person(Timestamped, Versioned, ScopedModel):
    """One natural person, once in the county. Holds nothing beyond Zhejiang's whitelist (art. 29, digest Z16).

    `area_code` is where the person's newest registration stands: the office that answers for the file.
    ID number, phone and ethnicity are encrypted; look them up by their keyed hashes.

    From `restricted_on` on the data may be stored and nothing else (digest P11). On `forgotten_on` the retention term
    had ended: what told who it was is gone from here, from the history and from the search columns (P7).

    A file that was merged stays here with `merged_into` and no area (`area_code` is ""): no list, count or search
    reaches it, and its document number leads to the file it went up in (ADR 0017).
    """

    scope_actions = (
        "view",
        "add",
        "change",
        "correct",
        "reveal",
        "export",
        "export_full",
        "restrict",
        "merge",
        SEE_RESTRICTED,
    )

    # Who keeps a stay, a permit or a file of a person reads the person; a stay in one's areas shows whose it is.
    read_with = ("residents.Permit", "residents.PermitApplication")
    written_with = ("residents.Registration",)
    visible_through = "registrations"
    admitted_by = ("person", "id")
    field_classes = (
        c4("who it is: residence registration (Zhejiang art. 29)", "document_number"),
        c4(
            "finding an exact number without decrypting",
            "document_index",
            "document_tail_index",
            "phone_index",
            plain="a keyed hash; the key is outside the database",
        ),
        c4("reaching the person about the registration", "phone"),
        c4("the face of the residence permit (decree 663 art. 4)", "ethnicity"),
        c4("the face of the residence permit", "photo", plain="a path; pictures are kept encrypted by portal.files"),
        c3("who it is", "document_kind", "document_note", "name", "name_pinyin", "name_initials", "sex", "nationality"),
        c3("who it is: the day belongs to the reveal, lists tell the year", "birth_date"),
        c3("where the hukou is", "native_code", "native_address"),
        c3("statutory statistics", "education", "marital_status", "political_status"),
        c3("why the entry differs from the number", "mismatch_reason"),
        c2("whether the data may be used: PIPL arts 19 and 47", "restricted_on", "forgotten_on"),
        c3("which file it went up in", "merged_into"),
    )

    document_kind = models.CharField(_("document"), max_length=8, choices=DocumentKind)
    document_number = EncryptedTextField(_("document number"))
    document_index = models.BinaryField(editable=False)
    document_tail_index = models.BinaryField(editable=False)
    document_note = models.CharField(max_length=120, blank=True)
    name = models.CharField(_("name"), max_length=50)
    name_pinyin = models.CharField(max_length=200, editable=False)
    name_initials = models.CharField(max_length=50, editable=False)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex)
    birth_date = models.DateField(_("birth date"))
    ethnicity = EncryptedTextField(_("ethnicity"), blank=True, default="")
    nationality = models.CharField(_("nationality"), max_length=3, default="CHN")
    native_code = models.CharField(_("hukou division"), max_length=6, blank=True)
    native_address = models.CharField(_("hukou address"), max_length=120, blank=True)
    phone = EncryptedTextField(_("mobile number"), blank=True, default="")
    phone_index = models.BinaryField(null=True, editable=False)
    education = models.CharField(_("education"), max_length=4, blank=True)
    marital_status = models.CharField(_("marital status"), max_length=4, blank=True)
    political_status = models.CharField(_("political status"), max_length=4, blank=True)
    mismatch_reason = models.CharField(_("reason for the mismatch"), max_length=200, blank=True)
    photo = models.FileField(_("photograph"), upload_to="photos/%Y/%m/", blank=True)
    restricted_on = models.DateField(_("use restricted since"), null=True, blank=True)
    forgotten_on = models.DateField(_("made anonymous on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed", db_index=False
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["document_index"], name="person_document_once"),
            models.CheckConstraint(condition=~Q(name=""), name="person_has_name"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(area_code="") & ~Q(merged_into=F("id"))),
                name="person_merged_no_area",
            ),
        ]
        indexes = [
            *newest_first_indexes("person"),
            models.Index(fields=["township_code", "name"], name="person_town_name"),
            models.Index(fields=["name_initials"], name="person_initials"),
            models.Index(fields=["township_code", "name_initials"], name="person_town_initials"),
            models.Index(fields=["name_pinyin"], name="person_pinyin"),
            models.Index(fields=["township_code", "name_pinyin"], name="person_town_pinyin"),
            models.Index(fields=["document_tail_index"], name="person_doc_tail"),
            models.Index(fields=["phone_index"], name="person_phone"),
            models.Index(fields=["birth_date", "name_pinyin"], name="person_birth_pinyin"),
            models.Index(fields=["name", "native_code"], name="person_name_native"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="person_merged"),
            models.Index(fields=["id"], condition=Q(restricted_on__isnull=False), name="person_restricted"),
            # With the township in front a search reads the names of one township; without it, all of them.
            GinIndex(
                F("township_code"), Func(F("name"), Value(None), function="string_to_array"), name="person_town_chars"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address_of("residents:person_detail", self.pk)

    @property
    def is_resident_id(self) -> bool:
        return self.document_kind == DocumentKind.RESIDENT_ID
