"""Opens a page once for each screen and language and keeps what every rule wants to know about it."""

import gzip
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Response

from tests.e2e.driver import PHONE, Browsing, Portal
from tests.e2e.pages import PortalPage

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RUN = """(rules) => axe.run(document, {
  runOnly: rules.length ? {type: "rule", values: rules}
    : {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
  resultTypes: ["violations"],
}).then((found) => found.violations.flatMap((rule) => rule.nodes.map((node) => [
  rule.id, node.target.join(" "), node.html.slice(0, 160), (node.failureSummary || "").slice(0, 300)].join(" | "))))"""
LOGIN_SECONDS = 300
"""Well before an idle login ends."""
# A theme changes colours and nothing else.
RULES = {"light": [], "dark": ["color-contrast", "link-in-text-block"]}
# Colours glide for a moment; half-way they have no contrast.
THEME = """(theme) => { document.documentElement.dataset.theme = theme; document.body.offsetWidth;
  return Promise.all(document.getAnimations().map((one) => one.finished)).then(() => null); }"""
TEXTS = """() => {
  const texts = [], attributes = ["placeholder", "aria-label", "title", "alt", "aria-roledescription", "label"];
  const place = (element) => {
    const parts = [];
    for (let at = element; at && at !== document.body && parts.length < 4; at = at.parentElement)
      parts.unshift(at.localName + (at.id ? "#" + at.id : "") + (at.className.baseVal === undefined && at.className
        ? "." + String(at.className).trim().split(/\\s+/).join(".") : ""));
    return parts.join(" > ");
  };
  const keep = (text, element, kind) => {
    if (text && text.trim()) texts.push({
      text: text.replace(/\\s+/g, " ").trim(), place: place(element), kind,
      code: Boolean(element.closest("code, kbd, samp, .mono")),
      lang: (element.closest("[lang]") || document.documentElement).lang,
      own: Boolean(element.closest("html > body [lang]")),
      chrome: Boolean(element.closest(
        "th, label, legend, option, button, summary, h1, h2, h3, h4, dt, nav, .btn, .bdg, .hint, .sub, .tabs, .empty,"
        + ".note")),
    });
  };
  keep(document.title, document.documentElement, "title");
  const walk = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const inside = node.parentElement;
        if (inside && !inside.closest("script, style, noscript, .ava")) keep(node.data, inside, "text");
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        for (const name of attributes) if (node.hasAttribute(name)) keep(node.getAttribute(name), node, name);
        if (node.localName === "template") walk(node.content);
        if (node.localName === "input" && ["submit", "button"].includes(node.type)) keep(node.value, node, "value");
      }
    }
  };
  walk(document.body);
  const messages = document.getElementById("ui-messages");
  if (messages) Object.values(JSON.parse(messages.textContent)).forEach((text) => keep(String(text), messages, "js"));
  return texts;
}"""
LAYOUT = """() => ({
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  widest: [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
    && getComputedStyle(one).position !== "fixed").slice(0, 5).map((one) => one.localName + "." + one.className),
  nodes: document.querySelectorAll("*").length,
  title: document.title,
  headings: [...document.querySelectorAll("h1")].map((one) => one.innerText),
})"""


@dataclass
class Visit:
    """What one loading of a page showed. `axe` is keyed by theme; `weight` is in bytes after gzip."""

    status: int
    troubles: list[str]
    layout: dict[str, Any]
    texts: list[dict[str, Any]]
    weight: dict[str, int]
    axe: dict[str, list[str]] = field(default_factory=dict)
    overflow_320: int = 0
    widest_320: list[str] = field(default_factory=list)


@dataclass
class Visits:
    """One visit per page, screen and language, made when the first rule asks for it."""

    portal: Portal
    browser: Browser
    _kept: dict[tuple[str, bool, str], Visit] = field(default_factory=dict)
    _logins: dict[tuple[str, bool, str], tuple[float, Browsing]] = field(default_factory=dict)

    def of(self, page: PortalPage, *, phone: bool = False, language: str = "zh-hans") -> Visit:
        key = (page.name, phone, language)
        if key not in self._kept:
            self._kept[key] = self._make(page, phone=phone, language=language)
        return self._kept[key]

    def _make(self, wanted: PortalPage, *, phone: bool, language: str) -> Visit:
        browsing = self._login(wanted.role, phone=phone, language=language)
        page = browsing.fresh_page()
        answers: list[Response] = []

        def answered(one: Response) -> None:  # Playwright cannot hold on to a method of a list
            answers.append(one)

        page.on("response", answered)
        answer = page.goto(wanted.path(), wait_until="load")
        assert answer is not None
        page.wait_for_timeout(250 if not wanted.chart else 600)
        visit = Visit(
            status=answer.status,
            troubles=[],
            layout=page.evaluate(LAYOUT),
            texts=page.evaluate(TEXTS),
            weight=weigh(answer, answers),
        )
        if language == "zh-hans":
            page.evaluate(axe_source())
            for theme, rules in RULES.items():
                page.evaluate(THEME, theme)
                visit.axe[theme] = page.evaluate(AXE_RUN, rules)
        if phone:
            page.set_viewport_size({"width": 320, "height": PHONE["height"]})
            page.wait_for_timeout(100)
            narrow = page.evaluate(LAYOUT)
            visit.overflow_320, visit.widest_320 = narrow["overflow"], narrow["widest"]
        visit.troubles += browsing.troubles
        return visit

    def _login(self, role: str, *, phone: bool, language: str) -> Browsing:
        """One login serves many pages, as with people: styles and scripts come from the browser's cache."""
        key = (role, phone, language)
        since, browsing = self._logins.get(key, (0.0, None))
        if browsing is None or monotonic() - since > LOGIN_SECONDS:
            if browsing:
                browsing.close()
            browsing = Browsing(self.portal, self.browser, role, phone=phone, language=language)
            self._logins[key] = (monotonic(), browsing)
        return browsing


@cache
def axe_source() -> str:
    assert AXE.exists(), "run `npm ci` in ui/ first (make test does)"
    return AXE.read_text(encoding="utf-8")


def weigh(document: Response, answers: list[Response]) -> dict[str, int]:
    """The page itself, its style sheets and its scripts, each compressed as the server sends them."""
    parts = {"html": len(gzip.compress(document.body(), 6))}
    for answer in answers:
        path = urlsplit(answer.url).path
        if path.startswith("/static/") and path.endswith((".css", ".js")):
            parts[path] = compressed(path.removeprefix("/static/"))
    return parts


@cache
def compressed(name: str) -> int:
    found = finders.find(name)
    assert found, f"{name} is not built"
    return len(gzip.compress(Path(found).read_bytes(), 9))


def pretty(findings: list[Any]) -> str:
    return json.dumps(findings, ensure_ascii=False, indent=1)
