"""Who lived here that day: the dwelling, its unit or its building, as the register knew it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.ui.views import PageMixin, ScopedMixin
from residents.forms.as_of import DwellingThenForm
from residents.models import Dwelling
from residents.services.as_of import DOOR, MOST, residents_of
from residents.views.person_history import line_of


class DwellingThenView(ScopedMixin, PageMixin, DetailView):
    """`?on=2026-05-01&known=2026-05-05&reach=building`; without a day the form alone."""

    model = Dwelling
    action = "view"
    template_name = "residents/dwellings/then.html"
    title = _("Who lived here that day")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            (_("Dwellings"), reverse("residents:dwelling_list")),
            (self.object.address, self.object.get_absolute_url()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        form = DwellingThenForm(asked if asked.get("on") else None, initial={"reach": DOOR})
        context = super().get_context_data(**kwargs) | {"dwelling": self.object, "form": form, "today": clock.today()}
        if form.is_bound and form.is_valid():
            try:
                context |= self._answer(form)
            except DomainError as error:
                form.add_error(error.field, error.message)
        return context

    def _answer(self, form: DwellingThenForm) -> dict[str, Any]:
        """What was known then, with what has come to light since marked: the difference is why somebody asks."""
        viewer, asked = self.request.user, form.asked()
        then = residents_of(dwelling_id=self.object.pk, actor=viewer, **asked)
        today = residents_of(dwelling_id=self.object.pk, actor=viewer, **(asked | {"known_on": clock.today()}))
        known_then, known_now = ({(one.person.pk, one.dwelling_id) for one in rows} for rows in (then, today))
        later = [one for one in today if (one.person.pk, one.dwelling_id) not in known_then]
        shown = {one.person.pk for one in [*then, *later]}
        audit.access(actor=viewer, action="list", person_ids=sorted(shown), purpose="as_of")
        return {
            "asked": asked,
            "doors": _by_door(
                line_of(one, viewer, on=asked["on"]) | {"gone": (one.person.pk, one.dwelling_id) not in known_now}
                for one in then
            ),
            "count": len(then),
            "later": [line_of(one, viewer, on=asked["on"]) for one in later],
            "is_full": len(then) == MOST,
        }


def _by_door(lines: Any) -> list[dict[str, Any]]:
    """In the order of the service: one door after the other."""
    doors: list[dict[str, Any]] = []
    for line in lines:
        lived = line["lived"]
        if not doors or doors[-1]["pk"] != lived.dwelling_id:
            doors.append({"pk": lived.dwelling_id, "address": lived.address, "lines": []})
        doors[-1]["lines"].append(line)
    return doors
