"""The voucher a person takes home (H1), the public page behind its code, and taking a registration back (P10)."""

import uuid
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, View

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.middleware import scoped_transaction
from portal.org.services import area_path, system_user
from portal.policy.divisions import division_name
from portal.ui.views import ScopedMixin, say
from portal.vault.projection import Projection, project
from residents.choices import RegistrationStatus
from residents.field_policy import VOUCHER
from residents.models import Registration, RegistrationChange
from residents.services.prints import sheet_printed
from residents.services.undo import undo

CHECKS_PER_MINUTE = 20
STATION_DIGITS = 12


class Voucher(ScopedMixin, DetailView):
    """Printable. One sheet for the head and the companions; the number is masked, the code is an opaque token."""

    model = Registration
    action = "view"
    template_name = "residents/arrivals/voucher.html"
    context_object_name = "registration"

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.standing().select_related("person", "dwelling", "notice", "registrar", "head")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        registration: Registration = self.object
        companions = list(registration.companions.standing().select_related("person"))
        people = [registration.person_id, *(one.person_id for one in companions)]
        sheet_printed(purpose="voucher", people=people, number=voucher_number(registration), actor=self.request.user)
        person = self.told(registration)
        return super().get_context_data(**kwargs) | {
            "person": person,
            "native": native_place(person),
            "station": area_path(registration.area_code[:STATION_DIGITS]),
            "companions": [{"person": self.told(one), "relation": one.relation} for one in companions],
            "number": voucher_number(registration),
            "check_url": self.request.build_absolute_uri(
                reverse("residents:voucher_check", args=[registration.voucher])
            ),
            "printed_at": clock.now(),
        }

    def told(self, stay: Registration) -> Projection:
        """The sheet speaks for the office that took the registration, wherever the file is kept by now."""
        return project(stay.person, viewer=self.request.user, purpose=VOUCHER, at=stay.area_code)


class UndoArrival(View):
    """Takes one registration back, with those who came along; the service refuses what is no longer undoable."""

    http_method_names = ["post"]

    def post(self, request: Any, pk: int) -> HttpResponse:
        change = get_object_or_404(
            RegistrationChange.objects.restrict(request.user, "view").filter(actor=request.user), pk=pk
        )
        try:
            undo(change_id=change.pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            name = project(change.person, viewer=request.user)["name"]
            say(request, _("The registration of %(name)s was taken back") % {"name": name})
        return redirect("residents:arrival_new")


@method_decorator([login_not_required, never_cache], name="dispatch")
class VoucherCheck(View):
    """For anybody with the paper: whether it is genuine, who issued it and when. Nothing else, and not too often."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: uuid.UUID) -> HttpResponse:
        if too_many(request.META.get("REMOTE_ADDR", "")):
            return render(request, "residents/arrivals/check.html", {"busy": True}, status=HTTPStatus.TOO_MANY_REQUESTS)
        with scoped_transaction(system_user()):  # a stranger has no areas; the token on the paper is the right
            return self.answer(request, token)

    def answer(self, request: HttpRequest, token: uuid.UUID) -> HttpResponse:
        found = Registration.objects.filter(voucher=token).select_related("person").first()
        if found is None:
            return render(request, "residents/arrivals/check.html", {"unknown": True}, status=HTTPStatus.NOT_FOUND)
        context = {
            "name": project(found.person, viewer=AnonymousUser())["name"],
            "issued_on": found.registered_on,
            "station": area_path(found.area_code[:STATION_DIGITS]),
            "undone": found.status == RegistrationStatus.VOID,
            "ended": found.status == RegistrationStatus.LEFT,
        }
        return render(request, "residents/arrivals/check.html", context)


def native_place(person: Projection) -> str:
    """County and address; many addresses name the county themselves."""
    county, address = division_name(person["native_code"]), person["native_address"]
    return address if address.startswith(county) else county + address


def voucher_number(registration: Registration) -> str:
    return f"{registration.area_code[:6]}-{registration.registered_on:%Y%m%d}-{registration.pk:06d}"


def too_many(address: str) -> bool:
    """More than twenty looks a minute from one address."""
    key = f"voucher-check:{address}"
    cache.add(key, 0, timeout=int(timedelta(minutes=1).total_seconds()))
    return int(cache.incr(key)) > CHECKS_PER_MINUTE
