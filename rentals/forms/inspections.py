"""Forms of an inspection and of what was found. Shape only: the rules are in `rentals.services.inspections`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import RadioChips
from rentals.choices import Disposal, Grade, HazardClass, HazardLevel, Recipient
from rentals.services.inspections.hazards import Photo
from residents.forms.people import VersionedForm

PICTURES = "image/jpeg,image/png,image/webp"
MOST_PHOTOS = 9
LINES = {"rows": 2}


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of pictures, as `Photo`s. What they really are is looked at later, by content."""

    widget = ManyFiles

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, widget=ManyFiles({"accept": PICTURES}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Photo]:
        sent = data if isinstance(data, list | tuple) else [data]
        found = [super(PhotosField, self).clean(one, initial) for one in sent]
        photos = [Photo(one, one.size) for one in found if one]
        if len(photos) > MOST_PHOTOS:
            raise forms.ValidationError(_("At most %(most)s photos at a time."), params={"most": MOST_PHOTOS})
        return photos


class PhotosMixin:
    """Hands the pictures of the field `file` to the service as `photos`."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}  # type: ignore[misc]
        return {name: value for name, value in data.items() if name != "file"} | {"photos": data.get("file") or []}


class FindForm(PhotosMixin, PortalForm):
    note = forms.CharField(label=_("What you see"), max_length=200, widget=forms.Textarea(LINES))
    file = PhotosField(
        label=_("Photos of the hazard"), required=False, help_text=_("Needed where it was mended on the spot.")
    )
    hazard_class = forms.ChoiceField(label=_("Class of hazard"), choices=HazardClass, widget=RadioChips)
    level = forms.ChoiceField(label=_("How serious"), choices=HazardLevel, widget=RadioChips)
    disposal = forms.ChoiceField(label=_("What is done about it"), choices=Disposal, widget=RadioChips)
    due_on = DayField(
        label=_("To be mended until"),
        ahead=90,
        quick=(),
        required=False,
        help_text=_("Only for a deadline; empty is the longest term."),
    )
    recipient = forms.ChoiceField(
        label=_("Refer to"), choices=Recipient, widget=RadioChips, required=False, help_text=_("Only for a referral.")
    )
    request = forms.CharField(
        label=_("What the department is asked to do"), max_length=200, required=False, widget=forms.Textarea(LINES)
    )
    columns = dict.fromkeys(
        ("note", "file", "hazard_class", "level", "disposal", "due_on", "recipient", "request"), "c12"
    )


class FinishForm(VersionedForm):
    companion = forms.TypedChoiceField(label=_("Second inspector"), coerce=int, empty_value=None, required=False)
    note = forms.CharField(
        label=_("Remark"), max_length=200, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    columns = {"companion": "c12", "note": "c12"}

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companion: Any = self.fields["companion"]
        companion.choices = [("", _("Nobody")), *((user.pk, f"{user}（{user.department or ''}）") for user in people)]


class MendedForm(VersionedForm):
    note = forms.CharField(label=_("Who says so and how"), max_length=200, required=False)
    columns = {"note": "c12"}


class CloseForm(PhotosMixin, VersionedForm):
    file = PhotosField(label=_("Photos of how it looks now"), required=False, help_text=_("Needed for closing."))
    note = forms.CharField(label=_("Remark"), max_length=200, required=False)
    columns = {"file": "c12", "note": "c12"}


class FailForm(VersionedForm):
    note = forms.CharField(label=_("What you see"), max_length=200, widget=forms.Textarea(LINES))
    mend_until = DayField(
        label=_("New day"), ahead=90, quick=(), required=False, help_text=_("Empty is the longest term.")
    )
    columns = {"note": "c12", "mend_until": "c12"}


class ReferForm(VersionedForm):
    recipient = forms.ChoiceField(label=_("Refer to"), choices=Recipient, widget=RadioChips)
    request = forms.CharField(
        label=_("What the department is asked to do"), max_length=200, widget=forms.Textarea(LINES)
    )
    columns = {"recipient": "c12", "request": "c12"}


class AnswerForm(VersionedForm):
    text = forms.CharField(label=_("What was done about it"), max_length=200, widget=forms.Textarea(LINES))
    columns = {"text": "c12"}


class GiveBackForm(VersionedForm):
    text = forms.CharField(
        label=_("Why it is not yours, and whose it is"), max_length=200, widget=forms.Textarea(LINES)
    )
    columns = {"text": "c12"}


class AppealForm(PortalForm):
    asked_by = forms.CharField(label=_("Who appeals"), max_length=80, widget=forms.TextInput({"autocomplete": "off"}))
    reason = forms.CharField(label=_("What is wrong about the grade"), max_length=200, widget=forms.Textarea(LINES))
    columns = {"asked_by": "c12", "reason": "c12"}


class DecideForm(VersionedForm):
    set_grade = forms.ChoiceField(
        label=_("Decision"),
        choices=[("", _("The grade stays")), *((grade, grade.label) for grade in Grade)],
        required=False,
    )
    answer = forms.CharField(label=_("Reason of the decision"), max_length=200, widget=forms.Textarea(LINES))
    columns = {"set_grade": "c12", "answer": "c12"}
