"""Logging in as people do it: form, security key, the end of a session and what comes back after it."""

import os
from datetime import timedelta

from django.db.models import F
from playwright.sync_api import Page, expect

from portal.accounts.models import LoginSession

PASSWORD = os.environ.get("DEMO_PASSWORD", "Browser-tests-2026")


def log_in(view: Page, username: str) -> None:
    view.get_by_label("账号", exact=True).fill(username)
    view.get_by_label("密码", exact=True).fill(PASSWORD)
    view.get_by_role("button", name="登录", exact=True).click()
    view.wait_for_load_state("load")


def test_B14_what_was_typed_comes_back_after_the_idle_end(page_as):
    view = page_as("")
    view.goto("/login/?next=/dwellings/add/")
    log_in(view, "station")
    field = view.locator("form[method=post] input[type=text]:visible").first
    field.fill("人民路 7 号")
    name = field.get_attribute("name")
    view.evaluate("document.querySelector('session-watch').keep()")
    view.wait_for_load_state("networkidle")
    LoginSession.objects.filter(user__username="station", ended_at=None).update(
        seen_at=F("seen_at") - timedelta(minutes=16)
    )
    view.evaluate("document.querySelector('session-watch').ask()")
    view.wait_for_url("**/login/?next=**")
    expect(view.get_by_text("您已一段时间没有操作")).to_be_visible()
    log_in(view, "station")
    expect(view.locator(f"[name={name}]")).to_have_value("人民路 7 号")


def test_B14_the_warning_comes_before_the_end_and_one_press_goes_on(page_as):
    view = page_as("")
    view.goto("/login/?next=/prefs/")
    log_in(view, "leader")
    LoginSession.objects.filter(user__username="leader", ended_at=None).update(
        seen_at=F("seen_at") - timedelta(minutes=13, seconds=30)
    )
    view.evaluate("document.querySelector('session-watch').ask()")
    expect(view.get_by_role("dialog", name="还在办理吗？")).to_be_visible()
    view.get_by_role("button", name="继续办理").click()
    expect(view.get_by_role("dialog", name="还在办理吗？")).to_be_hidden()


def test_B6_a_security_key_is_registered_and_opens_the_account(portal, chromium):
    """At localhost: a key signs for a name, never for an address of numbers."""
    view = chromium.new_context(locale="zh-CN").new_page()
    keys = view.context.new_cdp_session(view)
    keys.send("WebAuthn.enable")
    keys.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    at = portal.address.replace("127.0.0.1", "localhost")
    view.goto(f"{at}/login/?next=/account/key/")
    log_in(view, "health")
    view.get_by_role("button", name="登记密钥").click()
    expect(view.get_by_role("heading", name="恢复码")).to_be_visible()
    expect(view.locator(".codes li")).to_have_count(10)
    view.evaluate("document.querySelector('form[action=\"/logout/\"]').submit()")
    view.wait_for_url("**/login/")
    log_in(view, "health")
    expect(view.get_by_role("heading", name="登录第二步")).to_be_visible()
    view.get_by_role("button", name="使用安全密钥").click()
    view.wait_for_url(f"{at}/")
    view.context.close()
