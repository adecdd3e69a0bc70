import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from portal.core.errors import DomainError
from portal.org.models import User
from portal.ui.models import SavedView
from portal.ui.saved_views import first_view, remove_view, save_view, share_view, views_of
from tests.factories.org import StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.urls")]


@pytest.fixture
def clerk() -> User:
    return UserFactory.create()


def test_a_view_is_its_owners_alone(clerk: User):
    view = save_view(path="/dwellings/", name="本周", query="rental=1&page=3", actor=clerk)
    assert view.get_absolute_url() == "/dwellings/?rental=1", "the page number is not part of a view"
    assert list(views_of(clerk, "/dwellings/")) == [view]
    stranger = UserFactory.create()
    assert not views_of(stranger, "/dwellings/").exists()
    with pytest.raises(SavedView.DoesNotExist):
        remove_view(view_id=view.pk, actor=stranger)


def test_the_same_name_takes_the_new_filters(clerk: User):
    save_view(path="/dwellings/", name="本周", query="rental=1", actor=clerk)
    save_view(path="/dwellings/", name=" 本周 ", query="rental=0", actor=clerk)
    assert [view.query for view in views_of(clerk, "/dwellings/")] == ["rental=0"]


@pytest.mark.parametrize(
    ("path", "name", "query"),
    [
        ("/dwellings/", " ", ""),
        ("/dwellings/", "名" * 21, ""),
        ("/nowhere/", "本周", ""),
        ("https://elsewhere.example/", "本周", ""),
        ("/dwellings/", "张三", "q=520322199103121237"),
    ],
)
def test_what_no_view_may_hold(clerk: User, path: str, name: str, query: str):
    with pytest.raises(DomainError):
        save_view(path=path, name=name, query=query, actor=clerk)
    assert not SavedView.objects.exists()


def test_twenty_views_of_a_list_are_enough(clerk: User):
    for number in range(20):
        save_view(path="/dwellings/", name=f"视图 {number}", query="", actor=clerk)
    with pytest.raises(DomainError, match="20 个视图"):
        save_view(path="/dwellings/", name="多余", query="", actor=clerk)


def test_saving_and_removing_through_the_pages(clerk: User, client: Client):
    client.force_login(clerk)
    answer = client.post(reverse("ui:view_save"), {"path": "/dwellings/", "query": "rental=1", "name": "已备案"})
    assert answer["Location"] == "/dwellings/?rental=1"
    view = SavedView.objects.get()
    answer = client.post(reverse("ui:view_remove", args=[view.pk]))
    assert answer["Location"] == "/dwellings/"
    assert not SavedView.objects.exists()
    assert client.post(reverse("ui:view_remove", args=[view.pk])).status_code == 404


def test_a_refused_view_never_leads_to_another_host(clerk: User, client: Client):
    client.force_login(clerk)
    answer = client.post(reverse("ui:view_save"), {"path": "https://elsewhere.example/", "query": "", "name": "x"})
    assert answer["Location"] == reverse("ui:prefs")


@pytest.fixture
def colleagues() -> tuple[User, User]:
    one, other = (StaffFactory.create(role="coadmin", area_code="330822001001") for _each in range(2))
    return one, other


def test_P8_a_shared_view_is_seen_by_the_unit_and_by_nobody_else(colleagues: tuple[User, User]):
    owner, colleague = colleagues
    view = save_view(path="/dwellings/", name="群租房", query="rental=0", actor=owner)
    assert not views_of(colleague, "/dwellings/").exists()
    share_view(view_id=view.pk, shared=True, actor=owner)
    assert list(views_of(colleague, "/dwellings/")) == [view]
    assert list(views_of(owner, "/dwellings/")) == [view], "once, not as own and as shared"
    elsewhere = StaffFactory.create(role="coadmin", area_code="330822001002")
    other_unit = StaffFactory.create(role="police", area_code="330822001001")
    nobody = UserFactory.create(department=None, area_code="330822001001")
    for stranger in (elsewhere, other_unit, nobody):
        assert not views_of(stranger, "/dwellings/").exists()
    share_view(view_id=view.pk, shared=False, actor=owner)
    assert not views_of(colleague, "/dwellings/").exists()


def test_P8_only_the_owner_shares_or_removes(colleagues: tuple[User, User], client: Client):
    owner, colleague = colleagues
    view = save_view(path="/dwellings/", name="群租房", query="rental=0", actor=owner)
    share_view(view_id=view.pk, shared=True, actor=owner)
    for act in (share_view, remove_view):
        with pytest.raises(SavedView.DoesNotExist):
            act(view_id=view.pk, actor=colleague, **({"shared": False} if act is share_view else {}))
    client.force_login(colleague)
    assert client.post(reverse("ui:view_share", args=[view.pk]), {"share": "private"}).status_code == 404


def test_P8_the_first_view_of_a_role_is_one_and_the_newest(colleagues: tuple[User, User]):
    owner, colleague = colleagues
    role = Group.objects.create(name="协管员")
    views = [save_view(path="/dwellings/", name=name, query="rental=0", actor=owner) for name in ("甲", "乙")]
    with pytest.raises(DomainError, match="没有角色"):
        share_view(view_id=views[0].pk, shared=True, default=True, actor=owner)
    for user in colleagues:
        user.groups.add(role)
    for view in views:
        share_view(view_id=view.pk, shared=True, default=True, actor=owner)
    assert first_view(colleague, views_of(colleague, "/dwellings/")) == views[1]
    assert SavedView.objects.filter(default_for=role).count() == 1
    colleague.groups.clear()
    assert first_view(colleague, views_of(colleague, "/dwellings/")) is None


def test_P8_somebody_without_a_unit_shares_with_nobody():
    alone = UserFactory.create(department=None)
    view = save_view(path="/dwellings/", name="甲", query="", actor=alone)
    with pytest.raises(DomainError, match="未归属任何单位"):
        share_view(view_id=view.pk, shared=True, actor=alone)
