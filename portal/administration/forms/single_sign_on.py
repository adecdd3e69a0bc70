from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.sso.provider import LABELS, LONGEST_SUBJECT, switched_on
from portal.ui.forms import PortalForm, Section


class LinkForm(PortalForm):
    provider = forms.ChoiceField(label=_("Login platform"))
    subject = forms.CharField(
        label=_("Key of the person there"),
        max_length=LONGEST_SUBJECT,
        help_text=_(
            "Employee code of the government DingTalk, the subject (sub) of the identity platform, or the CAS name. "
            "Copy it from the platform; letters and case count."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    sections = (Section("", ("provider", "subject")),)
    columns = {"provider": "c12", "subject": "c12"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["provider"]
        choices.choices = [(key, LABELS[key]) for key in switched_on()]
