"""What stands on the person's page: requests that are open, and consents with the way to take them back."""

from django.utils.translation import gettext_lazy as _

from privacy.models import Consent, SubjectRequest
from privacy.selectors import consents_of, open_requests
from residents.extension import Panel, add_panel

add_panel(
    Panel(
        title=_("Rights over personal data"),
        model=SubjectRequest,
        template="privacy/_requests_panel.html",
        rows=open_requests,
    )
)
add_panel(Panel(title=_("Consents"), model=Consent, template="privacy/_consents_panel.html", rows=consents_of))
