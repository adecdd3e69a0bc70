from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PortalForm


class MappingForm(PortalForm):
    columns = {"file": "c12"}
    file = forms.FileField(
        label=_("Mapping file (.toml)"),
        widget=forms.FileInput({"accept": ".toml,text/plain"}),
        error_messages={"required": _("Please choose the mapping file.")},
        allow_empty_file=True,
    )
