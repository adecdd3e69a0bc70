from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PortalForm
from residents.choices import ProofKind

TAKEN = "image/jpeg,image/png,image/webp,application/pdf"


class EvidenceForm(PortalForm):
    """One photo or scan of one paper. What the file really is, is looked at later, by content."""

    kind = forms.ChoiceField(label=_("Which paper"), choices=ProofKind)
    file = forms.FileField(
        label=_("Photo or scan"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": TAKEN, "data-file": ""}),
    )
