from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.oversight.rules import bounds
from portal.ui.forms import DayField, PortalForm, Section

YEAR = 366


class BreachForm(PortalForm):
    """Whose account, from which day to which; sent by GET, so that the answer has an address."""

    account = forms.CharField(label=_("Account"), max_length=150)
    start = DayField(label=_("First day"), quick=())
    end = DayField(label=_("Last day"), quick=())
    sections = (Section("", ("account", "start", "end")),)
    columns = {"account": "c6", "start": "c3 m6", "end": "c3 m6"}

    def clean_account(self) -> User:
        found = User.objects.filter(username__iexact=self.cleaned_data["account"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no account of this name. Enter the login name exactly."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", _("The last day lies before the first."))
        return cleaned

    def span(self) -> tuple[datetime, datetime]:
        """Midnight before the first day to midnight after the last."""
        return bounds(self.cleaned_data["start"])[0], bounds(self.cleaned_data["end"])[1]


class ConclusionForm(PortalForm):
    conclusion = forms.CharField(
        label=_("What you found"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For instance: night duty according to the roster; asked the head of the station."),
    )
    sections = (Section("", ("conclusion",)),)
    columns = {"conclusion": "c12"}


class InspectionForm(PortalForm):
    day = DayField(label=_("Day of the inspection"), ahead=YEAR, quick=())
    title = forms.CharField(label=_("Who inspects what"), max_length=80)
    sections = (Section("", ("day", "title")),)
    columns = {"day": "c12", "title": "c12"}
