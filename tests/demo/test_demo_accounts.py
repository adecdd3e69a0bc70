import stat

import pytest
from django.apps import apps
from django.core.management import call_command

from demo.draws import settings_file
from demo.grants import ROLES, grants_of
from demo.management.commands.demo_county import the_password
from portal.audit.three_admins import RIGHTS
from portal.files.models import Attachment
from portal.org.delegation import may_act_for_police
from portal.org.models import AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import scope_of
from portal.reports.models import AreaCount
from residents.models import Dwelling, Permit, PermitApplication, Person, Registration

ACCOUNTS = [account["username"] for account in settings_file("staff")["account"]]
PRODUCT = [
    "coadmin", "township", "police", "housing", "fire", "market", "labour", "education", "health", "civil",
    "justice", "office", "leader", "clerk", "sysadmin", "secadmin", "auditor",
]  # fmt: skip
BUSINESS = (Person, Registration, Dwelling, Permit, PermitApplication)


def user(username: str) -> User:
    return User.objects.get(username=username)


def actions_of(username: str) -> dict[str, set[str]]:
    """Model → actions that the account may do anywhere."""
    person = user(username)
    found = {}
    for model in apps.get_models():
        actions = getattr(model, "scope_actions", ())
        if may := {action for action in actions if not scope_of(person, model, action).is_nowhere}:
            found[model._meta.label] = may
    return found


@pytest.mark.parametrize("username", PRODUCT)
def test_every_account_of_the_product_design_can_log_in(demo, username):
    assert user(username).check_password(demo.password)
    assert user(username).is_active
    assert not user(username).is_superuser


@pytest.mark.parametrize("username", ACCOUNTS)
def test_an_account_holds_what_its_role_says_and_nothing_else(demo, username):
    role = next(one["role"] for one in settings_file("staff")["account"] if one["username"] == username)
    assert actions_of(username) == {label: set(actions) for label, actions in ROLES[role].items()}


@pytest.mark.parametrize(
    ("username", "area"),
    [("coadmin", "330822001001"), ("township", "330822001"), ("station", "330822001"), ("police", "330822")],
)
def test_scope_is_the_own_area(demo, username, area):
    assert scope_of(user(username), Registration, "view").codes == (area,)


def test_coadmin_and_station_accept_but_never_review_or_sign(demo):
    for username in ("coadmin", "station"):
        assert "accept" in actions_of(username)["residents.PermitApplication"]
        assert not {"review", "sign"} & actions_of(username)["residents.PermitApplication"]


def test_coadmin_accepts_under_the_delegation_only(demo):
    assert may_act_for_police(user("coadmin"), matter="permit.accept", at="330822001001")
    assert not may_act_for_police(user("coadmin"), matter="permit.sign", at="330822001001")


def test_two_county_police_officers_may_sign(demo):
    for username in ("police", "police2"):
        assert scope_of(user(username), PermitApplication, "sign").codes == ("330822",)


def test_coadmin_does_not_reveal_or_export(demo):
    assert not {"reveal", "export", "export_full"} & actions_of("coadmin")["residents.Person"]


def test_leader_sees_figures_and_no_person(demo):
    leader = user("leader")
    assert scope_of(leader, AreaCount, "view").codes == ("330822",)
    for model in BUSINESS:
        assert scope_of(leader, model, "view").is_nowhere


@pytest.mark.parametrize("username", ["sysadmin", "secadmin", "auditor"])
def test_three_administrators_hold_no_business_data(demo, username):
    held = actions_of(username)
    assert held == {label: set(actions) for label, actions in RIGHTS[username].items()}
    assert not set(held) & {model._meta.label for model in (*BUSINESS, Attachment, AreaCount)}


def test_rights_come_from_groups_alone(demo):
    assert AreaGroupGrant.objects.exists()
    assert not AreaUserGrant.objects.exists()


def test_every_community_of_the_main_township_has_its_own_coadmin(demo):
    areas = set(User.objects.filter(username__startswith="coadmin-001").values_list("area_code", flat=True))
    assert len(areas) == 19
    assert all(area.startswith("330822001") and len(area) == 12 for area in areas)


def test_an_unknown_model_or_action_is_an_error(monkeypatch):
    monkeypatch.setitem(ROLES, "wrong", {"residents.Nothing": ("view",)})
    with pytest.raises(LookupError):
        list(grants_of("wrong"))
    monkeypatch.setitem(ROLES, "wrong", {"residents.Person": ("fly",)})
    with pytest.raises(ValueError, match="fly"):
        list(grants_of("wrong"))


def test_accounts_and_password_are_printed(demo):
    assert all(f"  {username} " in demo.said for username in ACCOUNTS)
    assert demo.password in demo.said


def test_a_generated_password_is_kept_for_the_owner_only(settings, tmp_path, monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    settings.DATA_DIR = tmp_path
    first = the_password()
    kept = tmp_path / "secrets" / "demo-password"
    assert len(first) >= 12
    assert the_password() == first == kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_when_the_password_is_another_one_the_place_is_named(demo, monkeypatch, capsys):
    monkeypatch.setenv("DEMO_PASSWORD", "something-else-2026")
    call_command("demo_county", if_empty=True, skip_checks=True)
    said = capsys.readouterr().out
    assert "something-else-2026" not in said
    assert "demo-password" in said
