"""The forms of acts upon a household book. Two steps where relations change: who, then what each is to the head.

The first step travels in the address, so going back to it is the browser's own button."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError, StaleRecordError
from portal.ui.views import ServiceFormView, add_domain_error, say
from residents.choices import DiscoveredBy
from residents.forms.households import (
    Asked,
    Choices,
    Group,
    GuardianForm,
    HeadPick,
    HouseholdMoveForm,
    JoinPick,
    LeaveBookForm,
    RelationsForm,
    SplitPick,
)
from residents.models import Household, HouseholdAct, HouseholdMember, Registration
from residents.services.households import acts, books
from residents.services.households.books import Lines
from residents.services.households.reading import BookLine, book_lines
from residents.services.projection import person_view


class BookFormView(ServiceFormView):
    """A form about one household; the head of the page says about which."""

    model = Household
    action = "change"
    template_name = "residents/households/act.html"
    intro: Any = ""
    book: Household
    shown: list[BookLine]

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        rows = self.get_queryset().filter(ended_on=None).select_related("dwelling", "head")
        self.book = get_object_or_404(rows, pk=pk)
        self.shown = book_lines(self.book, self.request.user)
        people = [line.person_id for line in self.shown]
        audit.access(actor=self.request.user, action="list", person_ids=people, purpose="household")

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.book.version, "happened_on": clock.today()}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        name = person_view(self.book.head, viewer=self.request.user).name
        return [(gettext("Household of %(name)s") % {"name": name}, self.book.get_absolute_url())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "book": self.book,
            "lines": self.shown,
            "intro": self.intro,
            "cancel_url": self.book.get_absolute_url(),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.row = self.run(**form.cleaned_data)
        except StaleRecordError as error:
            self.load(self.book.pk)
            data = form.data.copy()
            data["version"] = str(self.book.version)
            form.data = data
            form.add_error(None, error.message)
            return self.form_invalid(form)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        self.told()
        return redirect(self.get_success_url())

    def told(self) -> None:
        act = self.row if isinstance(self.row, HouseholdAct) else self.book.acts.order_by("-pk").first()
        undo = reverse("residents:household_undo", args=[act.pk]) if act else ""
        say(self.request, self.get_success_message(), undo=undo)

    def get_success_url(self) -> str:
        """A household may have moved out of the reader's areas."""
        seen = self.get_queryset().filter(pk=self.book.pk).exists()
        return self.book.get_absolute_url() if seen else reverse("residents:person_list")

    def choices(self, lines: list[BookLine]) -> Choices:
        return [(str(line.person_id), self.label(line)) for line in lines]

    def label(self, line: BookLine) -> str:
        words = {"name": line.view.name, "relation": line.relation, "age": line.view.age}
        return gettext("%(name)s (%(relation)s, aged %(age)s)") % words


class TwoStepView(BookFormView):
    """First `pick_class` in the address (GET), then the relations (POST)."""

    form_class = RelationsForm
    pick_class: Any
    pick: Any = None
    groups: tuple[Group, ...] = ()

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        if not self.picked():
            return self.first_step()
        return ServiceFormView.get(self, request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        if not self.picked():
            return self.first_step()
        return ServiceFormView.post(self, request, *args, **kwargs)

    def picked(self) -> bool:
        """Fills `groups` from a first step that makes sense; otherwise the first step is shown with what is wrong."""
        given = self.request.GET
        asked = {name for name in given if name in self.pick_class.base_fields}
        self.pick = self.pick_class(given if asked else None, people=self.offered(), user=self.request.user)
        if not asked or not self.pick.is_valid():
            return False
        try:
            self.groups = self.grouped(**self.pick.cleaned_data)
        except DomainError as error:
            add_domain_error(self.pick, error)
            return False
        return True

    def first_step(self) -> HttpResponse:
        status = 422 if self.pick.is_bound else 200
        context = self.get_context_data(form=self.pick) | {"first": True, "submit_label": _("Go on")}
        return self.render_to_response(context, status=status)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"groups": self.groups}

    def offered(self) -> Choices:
        return self.choices(self.shown)

    def grouped(self, **picked: Any) -> tuple[Group, ...]:
        raise NotImplementedError

    def asked(self, head: HouseholdMember, lines: Lines, every: Lines) -> tuple[Asked, ...]:
        """What the table of kinship proposes for `lines` under `head`."""
        told = books.proposals(every, head)
        return tuple(
            Asked(line.person_id, self.named(line), told[line.person_id].code, told[line.person_id].certain)
            for line in lines
            if line.person_id != head.person_id
        )

    def named(self, line: HouseholdMember) -> str:
        view = person_view(line.person, viewer=self.request.user)
        return gettext("%(name)s (%(sex)s, aged %(age)s)") % {"name": view.name, "sex": view.sex, "age": view.age}

    def group(self, title: str, head: HouseholdMember, lines: Lines, every: Lines) -> Group:
        name = person_view(head.person, viewer=self.request.user).name
        asked = self.asked(head, lines, every)
        told = gettext("What each of them is to %(name)s, the householder.")
        alone = gettext("%(name)s is the householder and nobody else belongs to it.")
        return Group(title, (told if asked else alone) % {"name": name}, asked)

    def run(self, **cleaned: Any) -> HouseholdAct:
        relations = {
            int(name.removeprefix("relation_")): cleaned.pop(name)
            for name in list(cleaned)
            if name.startswith("relation_")
        }
        return self.act(relations, household_id=self.book.pk, actor=self.request.user, **cleaned)

    def act(self, relations: dict[int, str], **cleaned: Any) -> HouseholdAct:
        raise NotImplementedError


def chosen(lines: list[HouseholdMember], person_id: int | None) -> HouseholdMember:
    """The line of the person; the successor when nobody was chosen."""
    return next((line for line in lines if line.person_id == person_id), None) or books.successor(lines)


class SplitView(TwoStepView):
    title = _("Split the household")
    pick_class = SplitPick
    submit_label = _("Split the household")
    success_message = _("The household is split. Those who went have a book of their own.")
    intro = _("Choose who forms a household of their own at the same address. A move is recorded afterwards.")
    heads: tuple[int, int | None]

    def grouped(self, **picked: Any) -> tuple[Group, ...]:
        every = books.lines_of(self.book)
        going = [line for line in every if line.person_id in picked["people"]]
        staying = [line for line in every if line not in going]
        if not staying:
            message = gettext("Somebody has to stay. To change who heads the household, use the change of householder.")
            raise DomainError(message, field="people")
        for name, lines in (("head", going), ("rest_head", staying)):
            if (
                picked[name]
                and picked[name] not in [line.person_id for line in lines]
                and (name == "head" or self.book.head_id in picked["people"])
            ):
                raise DomainError(gettext("Please choose somebody of these people."), field=name)
        head = next((line for line in going if line.person_id == self.book.head_id), None)
        head = chosen(going, picked["head"]) if picked["head"] or head is None else head
        groups = [self.group(gettext("The new household"), head, going, every)]
        heir = None
        if self.book.head_id in picked["people"]:
            heir = chosen(staying, picked["rest_head"])
            groups.append(self.group(gettext("Those who stay"), heir, staying, every))
        self.heads = (head.person_id, heir.person_id if heir else None)
        return tuple(groups)

    def act(self, relations: dict[int, str], **cleaned: Any) -> HouseholdAct:
        people = self.pick.cleaned_data["people"]
        head, heir = self.heads
        going = {person: code for person, code in relations.items() if person in people}
        rest = {person: code for person, code in relations.items() if person not in people}
        return acts.split(people=people, head=head, relations=going, rest_head=heir, rest_relations=rest, **cleaned)


class HeadView(TwoStepView):
    title = _("Change the householder")
    pick_class = HeadPick
    submit_label = _("Change the householder")
    success_message = _("The household has a new householder.")
    intro = _("Relations are told from the householder, so each is asked anew.")

    def offered(self) -> Choices:
        return self.choices([line for line in self.shown if not line.is_head])

    def grouped(self, **picked: Any) -> tuple[Group, ...]:
        every = books.lines_of(self.book)
        head = chosen(every, picked["head"])
        return (self.group(gettext("Relations"), head, every, every),)

    def act(self, relations: dict[int, str], **cleaned: Any) -> HouseholdAct:
        return acts.change_head(head=self.pick.cleaned_data["head"], relations=relations, **cleaned)


class JoinView(TwoStepView):
    title = _("Take into the household")
    pick_class = JoinPick
    submit_label = _("Take into the household")
    success_message = _("The household has grown.")
    intro = _("Only people registered at the same address are offered. Somebody else moves here first.")

    def offered(self) -> Choices:
        homes, alone = acts.candidates(self.book, self.request.user)
        viewer = self.request.user
        whole = gettext("the whole household of %(name)s")
        named = [(f"h{home.pk}", whole % {"name": person_view(home.head, viewer=viewer).name}) for home in homes]
        return [*named, *((f"p{stay.person_id}", self._name(stay)) for stay in alone)]

    def grouped(self, **picked: Any) -> tuple[Group, ...]:
        viewer = self.request.user
        kind, key = picked["who"][0], int(picked["who"][1:])
        if kind == "h":
            lines = books.lines_of(Household.objects.restrict(viewer, "change").get(pk=key))
            people = tuple(Asked(line.person_id, self.named(line), "", certain=True) for line in lines)
        else:
            stay = Registration.objects.active().select_related("person").get(person=key)
            people = (Asked(key, self._name(stay), "", certain=True),)
        name = person_view(self.book.head, viewer=viewer).name
        note = gettext("What each of them is to %(name)s, the householder.") % {"name": name}
        return (Group(gettext("Relations"), note, people),)

    def act(self, relations: dict[int, str], **cleaned: Any) -> HouseholdAct:
        kind, key = self.pick.cleaned_data["who"][0], int(self.pick.cleaned_data["who"][1:])
        who: dict[str, Any] = {"joining_household_id": key} if kind == "h" else {"person_id": key}
        return acts.join(relations=relations, **who, **cleaned)

    def _name(self, stay: Registration) -> str:
        view = person_view(stay.person, viewer=self.request.user)
        return gettext("%(name)s (%(sex)s, aged %(age)s)") % {"name": view.name, "sex": view.sex, "age": view.age}


class HouseholdMoveView(BookFormView):
    title = _("Move the whole household")
    form_class = HouseholdMoveForm
    submit_label = _("Record the move")
    success_message = _("The household has moved. The residence time of each goes on counting.")
    intro = _("Everybody moves in one act: each stay ends and the next begins, and the half-year of each goes on.")

    def get_initial(self) -> dict[str, Any]:
        stay = next((line.stay for line in self.shown if line.is_head), None)
        return super().get_initial() | {
            "lodging": stay.lodging if stay else "",
            "moved_on": clock.today(),
            "discovered_by": DiscoveredBy.PERSON,
        }

    def run(self, **cleaned: Any) -> Household:
        cleaned["dwelling_id"] = cleaned.pop("dwelling")
        return acts.move(household_id=self.book.pk, actor=self.request.user, **cleaned)


class LeaveBookView(BookFormView):
    title = _("Take out of the household")
    form_class = LeaveBookForm
    submit_label = _("Take out of the household")
    success_message = _("The person is out of the household book and still registered at the address.")
    intro = _("The person goes on living here and belongs to no household. Who has moved out gets a change of address.")

    def get_form_kwargs(self) -> dict[str, Any]:
        others = [line for line in self.shown if not line.is_head] or self.shown
        return super().get_form_kwargs() | {"people": self.choices(others)}

    def run(self, **cleaned: Any) -> HouseholdAct:
        return acts.leave(household_id=self.book.pk, actor=self.request.user, **cleaned)


class GuardianView(BookFormView):
    title = _("Name the guardian")
    form_class = GuardianForm
    submit_label = _("Save the guardian")
    success_message = _("The guardian is on record.")
    intro = _("Children do not register alone: somebody of age answers for each of them.")
    guarded: ClassVar[str] = "person"

    def get_form_kwargs(self) -> dict[str, Any]:
        minors = [line for line in self.shown if line.needs_guardian]
        adult = {line.person_id for line in books.lines_of(self.book) if books.is_adult(line.person)}
        adults = [line for line in self.shown if line.person_id in adult]
        return super().get_form_kwargs() | {"minors": self.choices(minors), "adults": self.choices(adults)}

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get(self.guarded, "")
        minors = [line for line in self.shown if line.needs_guardian]
        line = next((one for one in minors if str(one.person_id) == asked), minors[0] if minors else None)
        if line is None:
            return super().get_initial()
        return super().get_initial() | {
            "person_id": line.person_id,
            "guardian_id": line.guardian.id if line.guardian else None,
            "note": line.guardian_note,
        }

    def run(self, **cleaned: Any) -> HouseholdAct:
        return acts.name_guardian(household_id=self.book.pk, actor=self.request.user, **cleaned)

    def told(self) -> None:
        say(self.request, self.get_success_message())
