"""Saying that two files are of one person, where nothing but a person's word tells."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit import services as audit
from portal.ui.views import ServiceFormView
from residents.forms.merging import PairNameForm
from residents.models import DuplicatePair, Person
from residents.services.merging.naming import name_pair
from residents.services.projection import person_view


class PairNameView(ServiceFormView):
    model = Person
    action = "merge"
    form_class = PairNameForm
    template_name = "residents/merging/name.html"
    title = _("Same person as another file")
    submit_label = _("Compare the two files")
    person: Person

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.person = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        audit.access(actor=request.user, action="open", person_ids=[self.person.pk], purpose="duplicates")
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.person = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def run(self, **cleaned: Any) -> DuplicatePair:
        return name_pair(person_id=self.person.pk, number=cleaned["number"], actor=self.request.user)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            (_("Person files"), reverse("residents:person_list")),
            (self.person.name, self.person.get_absolute_url()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "view": person_view(self.person, viewer=self.request.user),
            "cancel_url": self.person.get_absolute_url(),
        }
