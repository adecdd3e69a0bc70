"""The page that puts a wrong fact of a person's file right."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.ui.views import ServiceFormView, add_domain_error, say
from residents.forms.corrections import CorrectionForm
from residents.models import Person
from residents.services.corrections import CorrectionInput, correct_person
from residents.services.projection import person_view


class CorrectionView(ServiceFormView):
    model = Person
    action = "correct"
    form_class = CorrectionForm
    template_name = "residents/people/correct.html"
    title = _("Correct the file")
    submit_label = _("Record the correction")
    success_message = _("Corrected: %(name)s. It can be undone while nothing else is recorded.")
    person: Person

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.person = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        audit.access(actor=request.user, action="open", person_ids=[self.person.pk], purpose="correction")
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.person = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.person.version}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            (_("Person files"), reverse("residents:person_list")),
            (self.person.name, self.person.get_absolute_url()),
        ]

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            done = correct_person(
                person_id=self.person.pk,
                given=CorrectionInput(**form.correction()),
                reason=form.cleaned_data["reason"],
                evidence=form.cleaned_data["evidence"],
                version=form.cleaned_data["version"],
                actor=self.request.user,
            )
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        undo = reverse("residents:change_undo", args=[done.change_id]) if done.change_id else ""
        say(self.request, str(self.success_message) % {"name": done.person.name}, undo=undo)
        return redirect(done.person.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.person.refresh_from_db()
        return super().get_context_data(**kwargs) | {
            "view": person_view(self.person, viewer=self.request.user),
            "cancel_url": self.person.get_absolute_url(),
        }
