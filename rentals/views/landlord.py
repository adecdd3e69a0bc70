"""The public door for those who have to report tenants. It takes, and tells nothing: every phone, every code and every
plate is answered alike. POSTs are throttled by address (`LOGIN_THROTTLED_PATHS`)."""

import re
import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from portal.core.errors import DomainError
from portal.org.middleware import scoped_transaction
from portal.org.services import system_user
from portal.policy.services import rule
from portal.ui.views import add_domain_error
from rentals.forms.landlords import CodeForm, PhoneForm, ReportForm, TenantForm, tenant_forms
from rentals.models import ReporterVisit
from rentals.models.report import receipt_of
from rentals.services.reports import codes
from rentals.services.reports.doors import doors_of
from rentals.services.reports.intake import Receipt, Reporter, receive
from rentals.services.reports.senders import sender

OPEN_ROWS = 2
TENANT_FIELD = re.compile(r"tenants\.(\d+)\.(\w+)")
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


@method_decorator([login_not_required, never_cache, sensitive_post_parameters()], name="dispatch")
class PublicView(View):
    http_method_names = ["get", "head", "post"]

    def visit_id(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.request.get_signed_cookie(cookie_name(), default=""))
        except (ValueError, KeyError):
            return None

    def visit(self) -> ReporterVisit | None:
        found = self.visit_id()
        return codes.confirmed_visit(found) if found else None


def cookie_name() -> str:
    """Bound to this host wherever the connection is encrypted."""
    return "__Host-reporter" if settings.SESSION_COOKIE_SECURE else "reporter"


def remember(response: HttpResponse, visit_id: uuid.UUID) -> HttpResponse:
    """The visit is kept in the database; the browser has its signed number."""
    response.set_signed_cookie(
        cookie_name(), str(visit_id), httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


class PhonePage(PublicView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(PhoneForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PhoneForm(request.POST)
        if form.is_valid():
            try:
                asked = codes.ask_code(phone=form.cleaned_data["phone"])
            except DomainError as error:
                add_domain_error(form, error)
            else:
                context = {"form": CodeForm(), "shown": asked.shown}
                return remember(render(request, "rentals/landlord/code.html", context), asked.visit_id)
        return self.page(form, status=UNPROCESSABLE)

    def page(self, form: PhoneForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        context = {
            "form": form,
            "closed": sender() is None,
            "term": rule("report.lessor_days"),
        }
        return render(self.request, "rentals/landlord/phone.html", context, status=status)


class CodePage(PublicView):
    def get(self, request: HttpRequest) -> HttpResponse:
        if self.visit_id() is None:
            return redirect("rentals:landlord")
        return render(request, "rentals/landlord/code.html", {"form": CodeForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form, found = CodeForm(request.POST), self.visit_id()
        if form.is_valid():
            if found is not None and codes.confirm(visit_id=found, code=form.cleaned_data["code"]):
                return redirect("rentals:landlord_report")
            form.add_error("code", _("This code is wrong or no longer valid. Ask for a new one if in doubt."))
        return render(request, "rentals/landlord/code.html", {"form": form}, status=UNPROCESSABLE)


class ReportPage(PublicView):
    """For a phone that was confirmed: its own doors, or an address in words."""

    plate: uuid.UUID | None = None

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        visit = self.visit()
        if visit is None:
            return redirect("rentals:landlord")
        return self.page(self.form(None, visit), self.rows(None))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        visit = self.visit()
        if visit is None:
            return redirect("rentals:landlord")
        return self.take(self.form(request.POST, visit), phone=visit.phone)

    def form(self, data: Any, visit: ReporterVisit) -> ReportForm:
        with scoped_transaction(system_user()):
            doors = doors_of(bytes(visit.phone_index))
        return ReportForm(data, doors=doors)

    def rows(self, data: Any) -> list[TenantForm]:
        return tenant_forms(data, most=int(rule("report.tenants_most").value))

    def take(self, form: ReportForm, *, phone: str) -> HttpResponse:
        rows = self.rows(self.request.POST)
        if all([form.is_valid(), *(row.is_valid() for row in rows)]):
            filled = [row for row in rows if row.is_filled]
            data = form.cleaned_data
            who = Reporter(
                kind=data["reporter_kind"],
                name=data["reporter_name"],
                phone=phone or data["reporter_phone"],
                confirmed=self.plate is None,
            )
            try:
                with scoped_transaction(system_user()):
                    given = form.given([row.given() for row in filled], plate=self.plate)
                    receipt = receive(reporter=who, given=given, batch=data["submission_id"])
            except DomainError as error:
                place_error(form, filled or rows, error)
            else:
                return self.done(receipt)
        return self.page(form, rows, status=UNPROCESSABLE)

    def done(self, receipt: Receipt) -> HttpResponse:
        context = {"receipt": receipt, "number": receipt_of(receipt.batch), "again": self.request.path}
        return render(self.request, "rentals/landlord/done.html", context)

    def page(self, form: ReportForm, rows: list[TenantForm], *, status: int = HTTPStatus.OK) -> HttpResponse:
        opened = max([OPEN_ROWS, *(at for at, row in enumerate(rows, 1) if row.is_bound and row.has_changed())])
        context = {
            "form": form,
            "rows": rows[:opened],
            "more": rows[opened:],
            "opened": opened,
            "every": [form, *rows],
            "at_plate": self.plate is not None,
            "term": rule("report.lessor_days"),
        }
        return render(self.request, "rentals/landlord/report.html", context, status=status)


class PlatePage(ReportPage):
    """At the plate of a door: no code, so the phone counts as unproved. The door is not looked up to draw the page."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.plate = kwargs["plate"]

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page(ReportForm(doors=None), self.rows(None))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.take(ReportForm(request.POST, doors=None), phone="")


class LeavePage(PublicView):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        found = self.visit_id()
        if found is not None:
            codes.leave(found)
        response = redirect(reverse("rentals:landlord"))
        response.delete_cookie(cookie_name(), samesite="Strict")
        return response


def place_error(form: ReportForm, rows: list[TenantForm], error: DomainError) -> None:
    """Beside the field; errors of tenant number i come at the field "tenants.<i>.<field>"."""
    if found := TENANT_FIELD.fullmatch(error.field or ""):
        rows[int(found[1])].add_error(found[2], error.message)
    else:
        add_domain_error(form, error)
