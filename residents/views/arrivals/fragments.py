"""The parts of the arrival page that are asked for while somebody types. Numbers travel by POST, never in a URL."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from portal.audit.services import access
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.scoping import areas_for, scope_of
from portal.policy.divisions import division_name
from portal.policy.services import rule
from portal.ui.views import ScopedMixin, add_domain_error
from portal.vault.projection import ENTRY, project
from residents.choices import DocumentKind, RegistrationStatus
from residents.extension import facts_about
from residents.forms.arrival_sides import DwellingForm, NotSamePersonForm
from residents.models import Dwelling, Person, Registration
from residents.services.drafts import plain_values
from residents.services.duplicates import find_duplicates, not_same_person
from residents.services.dwellings import add_dwelling, find_dwellings
from residents.services.guardians import age_on
from residents.services.identity import DocumentFacts, check_document, normalise_document
from residents.services.intake import find_divisions, habits_of
from residents.tables.reasons import told_reasons
from residents.views.arrivals.building import SESSION_KEY, day_of, duty_notes
from residents.views.dwellings import found_of

HITS = 8
COMMUNITIES_OFFERED = 400


class Fragment(ScopedMixin, View):
    """For those who may register somewhere."""

    model: type[Model] = Registration
    action = "add"


class DuplicatePanel(Fragment):
    """Who is already in the register (pattern P3). Also sends what the number tells about the native place."""

    http_method_names = ["post"]

    def post(self, request: Any) -> HttpResponse:
        typed = {name: str(value).strip() for name, value in request.POST.items()}
        facts = facts_of(typed)
        hits = find_duplicates(
            document_number=facts.number if facts else "",
            name=typed.get("name", ""),
            birth_date=(facts and facts.birth_date) or day_of(typed.get("birth_date", "")),
            document_kind=document_kind_of(typed),
            phone=typed.get("phone", ""),
            dwelling_id=int(typed["dwelling"]) if typed.get("dwelling", "").isdigit() else None,
            actor=request.user,
        )
        active = RegistrationStatus.ACTIVE.label
        context = {
            "rows": [{"hit": hit, "active": hit.status == active, "why": told_reasons(hit.reasons)} for hit in hits],
            "asked": bool(facts or typed.get("name")),
            "note": facts.note if facts else "",
            "choices": NotSamePersonForm.base_fields["why"].choices,  # type: ignore[attr-defined]
        }
        response = render(request, "residents/arrivals/_duplicates.html", context)
        return told(response, facts)


LOADED = (
    "document_kind",
    "name",
    "sex",
    "native_code",
    "native_address",
    "education",
    "marital_status",
    "political_status",
)


class LoadPerson(Fragment):
    """ "Load and renew": puts the record into the form. Number and phone stay masked; empty means unchanged."""

    http_method_names = ["post"]

    def post(self, request: Any, pk: int) -> HttpResponse:
        person = get_object_or_404(Person.objects.restrict(request.user, "view"), pk=pk)
        access(actor=request.user, action="open", person_ids=[person.pk], purpose="renewal")
        typed = normalise_document(person.document_kind, request.POST.get("document_number", ""))
        same = typed == person.document_number
        told = project(person, viewer=request.user, purpose=ENTRY)
        values = {name: told.value(name) or "" for name in LOADED} | {
            "person": person.pk,
            "document_number": typed if same else told["document_number"],
            "native_code_text": division_name(told["native_code"]),
            "phone_on_file": told["phone"],
        }
        if same or facts_of({"document_kind": person.document_kind, "document_number": person.document_number}) is None:
            values["birth_date"] = person.birth_date.isoformat()
        response = render(request, "residents/arrivals/_loaded.html", {"person": told, "pk": person.pk})
        detail = {"values": values, "masked": not same}
        response["HX-Trigger-After-Settle"] = json.dumps({"arrival-load": detail})
        return response


class NotSamePerson(Fragment):
    """Remembers that a suggested person is somebody else, with the reason."""

    http_method_names = ["post"]

    def post(self, request: Any) -> HttpResponse:
        form = NotSamePersonForm(request.POST, user=request.user)
        if not form.is_valid():
            texts = [str(error) for errors in form.errors.values() for error in errors]
            return render(
                request,
                "residents/arrivals/_not_same.html",
                {"problems": texts},
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
            )
        kind = form.cleaned_data["document_kind"] or DocumentKind.RESIDENT_ID.value
        not_same_person(
            person_id=form.cleaned_data["person"],
            document_number=normalise_document(kind, form.cleaned_data["document_number"]),
            reason=form.reason(),
            actor=request.user,
        )
        return render(request, "residents/arrivals/_not_same.html", {"problems": []})


class CompanionCheck(Fragment):
    """The badges of one row: school age, already on file, already registered. Field names carry the row number."""

    http_method_names = ["post"]

    def post(self, request: Any) -> HttpResponse:
        facts = facts_of(plain_values({name.rsplit("-", 1)[-1]: values for name, values in request.POST.lists()}))
        if facts is None:
            return render(request, "residents/arrivals/_companion_facts.html", {})
        hit = next((hit for hit in find_duplicates(document_number=facts.number, actor=request.user)), None)
        age = age_on(facts.birth_date, clock.today()) if facts.birth_date else None
        context = {
            "facts": facts,
            "age": age,
            "school": age is not None and is_of_school_age(age),
            "known": hit is not None,
            "active": hit is not None and hit.status == RegistrationStatus.ACTIVE.label,
            "name": hit.person.name if hit and hit.person else "",
        }
        return render(request, "residents/arrivals/_companion_facts.html", context)


class DutyNotes(Fragment):
    """What the law says about this arrival, beside the field that it hangs on (Z1, Z7, Z19)."""

    http_method_names = ["post"]

    def post(self, request: Any) -> HttpResponse:
        typed = {name: str(value).strip() for name, value in request.POST.items()}
        return render(request, "residents/arrivals/_duty.html", {"duty": duty_notes(typed), "swap": True})


class AddressOptions(Fragment):
    """Options of the address picker; without text the address used last in this sitting, so that Enter takes it."""

    def get(self, request: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        hits = find_dwellings(text=text, actor=request.user, limit=HITS)
        recent = None if text else last_dwelling(request)
        habits = habits_of([hit.dwelling_id for hit in hits] + ([recent.pk] if recent else []))
        facts = facts_about([hit.dwelling_id for hit in hits if hit.own], request.user)
        context = {
            "rows": [
                {"hit": hit, "habit": habits.get(hit.dwelling_id, ("", "")), "facts": facts.get(hit.dwelling_id, [])}
                for hit in hits
            ],
            "recent": recent,
            "habit": habits.get(recent.pk, ("", "")) if recent else ("", ""),
            "text": text,
            "may_add": not scope_of(request.user, Dwelling, "add").is_nowhere,
        }
        return render(request, "residents/arrivals/_address_options.html", context)


class DivisionOptions(Fragment):
    def get(self, request: Any) -> HttpResponse:
        found = find_divisions(request.GET.get("q", ""))
        return render(request, "residents/arrivals/_division_options.html", {"found": found})


class NewDwelling(Fragment):
    """The side dialog of the address picker; after saving, the page picks the new dwelling by itself."""

    model = Dwelling

    def get(self, request: Any) -> HttpResponse:
        communities = communities_of(request)
        own = request.user.area_code if request.user.area_code in dict(communities) else ""
        form = DwellingForm(
            communities=communities,
            user=request.user,
            initial={"area_code": own, "kind": "05", **split_address(request.GET.get("text", ""))},
            auto_id="dwelling_%s",
        )
        return render(request, "residents/arrivals/_dwelling_form.html", {"form": form})

    def post(self, request: Any) -> HttpResponse:
        form = DwellingForm(request.POST, communities=communities_of(request), user=request.user, auto_id="dwelling_%s")
        found: dict[str, Any] = {}
        if form.is_valid():
            try:
                dwelling = add_dwelling(**form.cleaned_data, actor=request.user)
            except DomainError as error:
                found = found_of(error)
                add_domain_error(form, error)
            else:
                detail = {"value": dwelling.pk, "label": dwelling.address, "lodging": dwelling.kind}
                return HttpResponse(
                    status=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": json.dumps({"dwelling-added": detail})}
                )
        return render(
            request,
            "residents/arrivals/_dwelling_form.html",
            {"form": form, **found},
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )


def document_kind_of(typed: Mapping[str, str]) -> str:
    kind = typed.get("document_kind", "")
    return kind if kind in DocumentKind.values else DocumentKind.RESIDENT_ID.value


def facts_of(typed: Mapping[str, str]) -> DocumentFacts | None:
    """None while the number is not yet right; the field itself says what is wrong."""
    kind = typed.get("document_kind") or DocumentKind.RESIDENT_ID.value
    if kind not in DocumentKind.values or not typed.get("document_number"):
        return None
    try:
        return check_document(kind, normalise_document(kind, typed["document_number"]))
    except DomainError:
        return None


def told(response: HttpResponse, facts: DocumentFacts | None) -> HttpResponse:
    if facts:
        detail = {
            "native_code": facts.native_code or "",
            "native_code_text": division_name(facts.native_code or ""),
            "sex": facts.sex or "",
            "birth_date": facts.birth_date.isoformat() if facts.birth_date else "",
        }
        response["HX-Trigger-After-Settle"] = json.dumps({"arrival-facts": detail})
    return response


def communities_of(request: Any) -> list[tuple[str, str]]:
    areas = areas_for(request.user, Dwelling, "add").filter(level=AreaLevel.COMMUNITY)[:COMMUNITIES_OFFERED]
    return [(area.code, area.name) for area in areas]


def split_address(text: str) -> dict[str, str]:
    """锦绣花园 3-2-501 → estate, building, unit, room; text that is only initials is not taken over as a name."""
    name = re.match(r"[^\d\s]*", text.strip())
    estate = name[0].strip() if name else ""
    numbers = re.findall(r"[0-9A-Za-z]+", text.strip()[len(estate) :])
    keys = {1: ("room",), 2: ("building", "room")}.get(len(numbers), ("building", "unit", "room"))
    return ({} if estate.isascii() else {"estate": estate}) | dict(zip(keys, numbers, strict=False))


def is_of_school_age(age: int) -> bool:
    low, high = rule("education.school_age_from").value, rule("education.school_age_to").value
    return bool(low <= age <= high)


def last_dwelling(request: Any) -> Dwelling | None:
    """The address of the record saved before this one, as long as it may be used."""
    pk = request.session.get(SESSION_KEY, {}).get("dwelling") or 0
    return Dwelling.objects.restrict(request.user, "view").filter(pk=pk).first()
