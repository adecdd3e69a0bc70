"""A browser window on the portal that remembers everything that went wrong in it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from portal.accounts.models import LoginSession
from portal.accounts.sessions import fingerprint
from portal.org.models import User
from portal.ui.prefs import COOKIE, Preferences

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
WATCH_POLICY = """addEventListener("securitypolicyviolation", (event) => {
  console.error("CSP " + event.effectiveDirective + " " + event.blockedURI + " " + event.sample);
});"""


@dataclass
class Portal:
    """`address` has no slash at its end. Accounts log in without the form; tests of the form use it."""

    address: str

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def cookie_of(self, username: str, agent: str) -> SetCookieParam:
        """A login of just now, for the browser `agent`; one account may be in several windows of a test."""
        user = User.objects.get(username=username)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        LoginSession.objects.create(user=user, key=str(session.session_key), agent_hash=fingerprint(agent))
        return self.cookie(settings.SESSION_COOKIE_NAME, str(session.session_key))

    def cookie(self, name: str, value: str) -> SetCookieParam:
        return {"name": name, "value": value, "url": self.address}


class Browsing:
    """One context with one page. `close()` tells what went wrong: policy, console, other hosts, crashed scripts."""

    def __init__(
        self,
        portal: Portal,
        browser: Browser,
        username: str = "",
        *,
        phone: bool = False,
        scale: float = 1,
        **prefs: str,
    ) -> None:
        self.portal = portal
        self.troubles: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=portal.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=PHONE if phone else DESKTOP,
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=scale,
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(WATCH_POLICY)
        self.context.add_cookies([portal.cookie(COOKIE, Preferences.of(prefs).to_cookie())])
        if username:
            self.context.add_cookies([portal.cookie_of(username, self._agent())])
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        self.context.on("request", self._asked)
        self.page: Page = self.context.new_page()

    def fresh_page(self) -> Page:
        """Another page of the same login; what went wrong in the one before is forgotten."""
        self.page.close()
        self.troubles.clear()
        self.page = self.context.new_page()
        return self.page

    def _agent(self) -> str:
        """As the server will read it."""
        page = self.context.new_page()
        agent = str(page.evaluate("navigator.userAgent"))
        page.close()
        return agent

    def _heard(self, message: Any) -> None:
        own_answer = (
            message.text.startswith("Failed to load resource")
            and urlsplit(message.location.get("url", "")).path == urlsplit(self.page.url).path
        )
        if message.type in {"error", "warning"} and not own_answer:
            self.troubles.append(f"{urlsplit(self.page.url).path}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.portal.address, "data:", "blob:")):
            self.troubles.append(f"other host: {request.url}")

    def close(self) -> list[str]:
        self.context.close()
        return self.troubles
