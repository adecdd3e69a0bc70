"""The page between a list and the file of a child: why do you open it?"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.ui.views import ServiceFormView
from residents.forms.reasons import ReasonForm
from residents.models import Person
from residents.services.minors import is_minor, reason_holds_for, say_why
from residents.services.projection import person_view

SESSION_KEY = "minors"


def has_to_say_why(request: HttpRequest, person: Person) -> bool:
    """A reason given in this session serves for a while, for this one person."""
    if not is_minor(person):
        return False
    given = request.session.get(SESSION_KEY, {}).get(str(person.pk), 0)
    return bool(clock.now().timestamp() - given > reason_holds_for().total_seconds())


def remember(request: HttpRequest, person: Person) -> None:
    """Reasons that no longer hold are dropped, so that the session stays small."""
    now, holds = clock.now().timestamp(), reason_holds_for().total_seconds()
    known = {pk: at for pk, at in request.session.get(SESSION_KEY, {}).items() if now - at <= holds}
    request.session[SESSION_KEY] = known | {str(person.pk): now}


class MinorReasonView(ServiceFormView):
    """Nothing of the file stands here but what the list has shown already."""

    model = Person
    action = "view"
    form_class = ReasonForm
    template_name = "residents/people/minor.html"
    title = _("File of a child")
    subtitle = _("Data of children under 14 are specially protected. Say why you open the file; it is recorded.")
    submit_label = _("Open the file")
    person: Person

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.person = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        if not has_to_say_why(request, self.person):
            return redirect(self.person.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.person = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def run(self, **cleaned: Any) -> Person:
        person = say_why(person_id=self.person.pk, actor=self.request.user, **cleaned)
        remember(self.request, person)
        return person

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Person files"), reverse("residents:person_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "view": person_view(self.person, viewer=self.request.user),
            "cancel_url": reverse("residents:person_list"),
        }
