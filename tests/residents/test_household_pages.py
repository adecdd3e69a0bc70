"""Pages of the household book: two steps where relations change, undo on the message, the sheet of paper."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent
from privacy.services.data_copy import parts_of
from residents.models import (
    HEAD,
    Dwelling,
    Household,
    HouseholdAct,
    HouseholdMember,
    Permit,
    Person,
    Registration,
    RegistrationChange,
)
from residents.services.households.reading import lived_with
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.residents.test_households import BEFORE, Family, living

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday(at):
    at("2026-11-20 09:00")


@pytest.fixture
def family(friday):
    return Family(DwellingFactory.create(capacity=9))


@pytest.fixture
def clerk(staff, family):
    user = staff(Registration, "view", "add", "change", "deregister")
    for model, actions in (
        (Person, ("view",)),
        (Dwelling, ("view",)),
        (Permit, ("view",)),
        (RegistrationChange, ("view",)),
        (Household, ("view", "change")),
    ):
        staff(model, *actions, user=user)
    return user


@pytest.fixture
def browser(client, clerk):
    client.force_login(clerk)
    return client


def at_page(name, book, query=""):
    return reverse(f"residents:{name}", args=[book.pk]) + query


def test_book_shows_the_head_first_with_masked_numbers_and_the_look_is_recorded(browser, family):
    page = browser.get(at_page("household", family.book)).content.decode()
    names = [page.index(f"<b>{name}</b>") for name in ("赵小禾", "李秀英", "赵一诺", "赵老伯")]
    assert names == sorted(names)
    assert family.father.person.document_number not in page
    assert "赵一诺未成年，还没有确定监护人" in page  # the factory names nobody
    looked = AccessEvent.objects.get(purpose="household")
    assert set(looked.person_ids) == {
        one.person_id for one in (family.father, family.mother, family.son, family.grandpa)
    }


def test_split_asks_who_and_then_proposes_the_relations(browser, family):
    url = at_page("household_split", family.book)
    first = browser.get(url).content.decode()
    assert "分出人员" in first
    picked = f"{url}?people={family.mother.person_id}&people={family.son.person_id}"
    second = browser.get(picked)
    (group,) = second.context["form"].groups
    assert [(one.person_id, one.code, one.certain) for one in group.people] == [(family.son.person_id, "20", True)]
    field = f"relation_{family.son.person_id}"
    done = browser.post(picked, {"version": "1", "happened_on": "2026-11-20", field: "20"})
    assert done.status_code == 302
    new = Household.objects.get(head=family.mother.person)
    assert family.told(new) == {"李秀英": HEAD, "赵一诺": "20"}
    page = browser.get(done.url).content.decode()
    act = new.acts_as_other.get()
    assert reverse("residents:household_undo", args=[act.pk]) in page
    browser.post(reverse("residents:household_undo", args=[act.pk]))
    assert family.told() == BEFORE


def test_split_of_the_head_asks_for_both_books(browser, family):
    url = at_page("household_split", family.book, f"?people={family.father.person_id}")
    groups = browser.get(url).context["form"].groups
    assert [[(one.person_id, one.code) for one in group.people] for group in groups] == [
        [],
        [(family.son.person_id, "20"), (family.grandpa.person_id, "53")],
    ]


@pytest.mark.parametrize("query", ["?people=", "?people=0", "?head=9"])
def test_P9_first_step_says_what_is_missing(browser, family, query):
    answer = browser.get(at_page("household_split", family.book, query))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_change_of_head_proposes_and_takes_what_the_clerk_says(browser, family):
    url = at_page("household_head", family.book, f"?head={family.mother.person_id}")
    (group,) = browser.get(url).context["form"].groups
    assert {one.person_id: one.code for one in group.people} == {
        family.father.person_id: "11",
        family.son.person_id: "20",
        family.grandpa.person_id: "53",
    }
    told = {f"relation_{one.person_id}": one.code for one in group.people}
    told[f"relation_{family.grandpa.person_id}"] = ""
    refused = browser.post(url, {"version": "1", "happened_on": "2026-11-20", **told})
    assert refused.status_code == 422
    assert refused.context["form"].errors == {f"relation_{family.grandpa.person_id}": ["请选择与户主的关系。"]}
    told[f"relation_{family.grandpa.person_id}"] = "97"
    assert browser.post(url, {"version": "1", "happened_on": "2026-11-20", **told}).status_code == 302
    assert family.told()["赵老伯"] == "97"


def test_P17_stale_form_keeps_what_was_typed_and_the_second_save_goes_through(browser, family):
    Household.objects.filter(pk=family.book.pk).update(version=7)
    url = at_page("household_leave", family.book)
    given = {"person_id": family.grandpa.person_id, "happened_on": "2026-11-20", "reason": "分开生活", "version": "1"}
    answer = browser.post(url, given)
    assert answer.status_code == 422
    assert answer.context["form"]["version"].value() == "7"
    assert browser.post(url, given | {"version": "7"}).status_code == 302


def test_join_offers_only_who_is_registered_at_the_address(browser, family):
    niece = living(family.book.dwelling, "赵晓", date(2001, 4, 4), sex="2")
    RegistrationFactory.create(dwelling=DwellingFactory.create(room="909"))
    url = at_page("household_join", family.book)
    assert [key for key, _label in browser.get(url).context["form"].fields["who"].choices] == [f"p{niece.person_id}"]
    picked = f"{url}?who=p{niece.person_id}"
    field = f"relation_{niece.person_id}"
    done = browser.post(picked, {"version": "1", "happened_on": "2026-11-20", field: "97"})
    assert done.status_code == 302
    assert family.told()["赵晓"] == "97"


def test_whole_household_moves_from_one_form(browser, family):
    there = DwellingFactory.create(estate="东门小区", room="402")
    given = {
        "dwelling": there.pk,
        "moved_on": "2026-11-18",
        "lodging": "05",
        "discovered_by": "person",
        "version": "1",
    }
    assert browser.post(at_page("household_move", family.book), given).status_code == 302
    assert Registration.objects.active().filter(dwelling=there).count() == 4


def test_guardian_is_named_from_the_book(browser, family):
    given = {"person_id": family.son.person_id, "guardian_id": family.mother.person_id, "note": "", "version": "1"}
    assert browser.post(at_page("household_guardian", family.book), given).status_code == 302
    page = browser.get(at_page("household_print", family.book)).content.decode()
    assert HouseholdMember.objects.active().get(person=family.son.person).guardian == family.mother.person
    assert page.count("李秀英") == 2  # as a member and as guardian


def test_book_for_somebody_alone(browser, family):
    lodger = living(family.book.dwelling, "钱多", date(1999, 9, 9))
    page = browser.get(lodger.person.get_absolute_url() + "?tab=family").content.decode()
    open_url = reverse("residents:household_open", args=[lodger.pk])
    assert open_url in page
    browser.post(open_url)
    assert Household.objects.get(head=lodger.person).members.count() == 1


def test_person_page_tells_the_household_and_who_lived_at_the_same_door(browser, family):
    # One left on the very day on which the family came, one a day later.
    early = living(family.book.dwelling, "孙早", date(1970, 1, 1))
    Registration.objects.filter(pk=early.pk).update(
        arrived_on=date(2026, 1, 1), left_on=date(2026, 3, 1), closed_on=date(2026, 3, 1), status="left"
    )
    late = living(family.book.dwelling, "周晚", date(1971, 1, 1))
    Registration.objects.filter(pk=late.pk).update(
        arrived_on=date(2026, 1, 1), left_on=date(2026, 3, 2), closed_on=date(2026, 3, 2), status="left"
    )
    page = browser.get(family.son.person.get_absolute_url() + "?tab=family")
    if page.status_code == 302:  # the file of a child of eleven asks why
        browser.post(page.url, {"reason_code": "identity"})
        page = browser.get(family.son.person.get_absolute_url() + "?tab=family")
    text = page.content.decode()
    assert family.book.get_absolute_url() in text
    assert "周晚" in text
    assert "孙早" not in text
    found = {one.view.name: (one.since, one.until) for one in lived_with(family.father.person, page.wsgi_request.user)}
    assert found["周晚"] == (date(2026, 3, 1), date(2026, 3, 2))
    assert found["李秀英"] == (date(2026, 3, 1), None)


def test_foreign_area_has_no_such_book(client, staff, family):
    client.force_login(staff(Household, "view", "change", at="330822002001"))
    assert client.get(at_page("household", family.book)).status_code == 404
    assert client.post(at_page("household_leave", family.book)).status_code == 404


def test_the_parent_area_reads_and_the_reader_does_not_write(client, staff, family):
    reader = staff(Household, "view", at="330822")
    staff(Person, "view", at="330822", user=reader)
    staff(Dwelling, "view", at="330822", user=reader)
    client.force_login(reader)
    page = client.get(at_page("household", family.book)).content.decode()
    assert "赵小禾" in page
    assert reverse("residents:household_split", args=[family.book.pk]) not in page
    assert client.get(at_page("household_split", family.book)).status_code == 403


def test_book_takes_the_same_queries_for_two_and_for_forty(browser, family):
    def queries() -> int:
        browser.get(at_page("household", family.book))
        with CaptureQueriesContext(connection) as captured:
            browser.get(at_page("household", family.book))
        return len(captured)

    few = queries()
    for at in range(36):
        living(family.book.dwelling, f"租客{at}", date(1990, 1, 1), head=family.father, relation="97")
    assert queries() == few


def test_art_45_the_copy_tells_the_person_the_household(family):
    family.book.members.filter(person=family.son.person).update(guardian=family.mother.person)
    (part,) = [part for part in parts_of(family.son.person) if part.code == "households"]
    (record,) = part.records
    told = dict(record)
    assert told["与户主关系"] == "子"
    assert told["监护人"] == "李秀英"
    assert told["入户日期"] == "2026-03-01"


def test_P7_forgetting_takes_the_guardian_and_the_reasons(family, clerk):
    line = family.book.members.get(person=family.son.person)
    line.guardian_note = "姑姑 赵敏"
    line.save()
    act = HouseholdAct.objects.create(
        household=family.book, kind="left", happened_on=date(2020, 1, 1), reason="随姑姑回乡", actor=clerk
    )
    HouseholdMember.objects.filter(pk=line.pk).update(joined_on=date(2019, 1, 1), left_on=date(2020, 1, 1))
    gone = {"status": "left", "arrived_on": date(2019, 1, 1), "registered_on": date(2019, 1, 1)}
    gone |= {"left_on": date(2020, 1, 1), "closed_on": date(2020, 1, 1)}
    Registration.objects.filter(person=family.son.person).update(**gone)
    with connection.cursor() as cursor:
        cursor.execute("SELECT privacy_forget(%s)", [family.son.person_id])
    line.refresh_from_db()
    act.refresh_from_db()
    assert (line.guardian_note, act.reason) == ("", "")
    history = HouseholdMember._meta.apps.get_model("residents", "HouseholdMemberEvent").objects
    assert set(history.filter(person=family.son.person).values_list("guardian_note", flat=True)) == {""}
