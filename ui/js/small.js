// Small elements: mask-reveal, copy-btn, sla-clock, session-count, theme-switch, password-field, demo-fill, mobile placement.
import { message } from "./messages.js";

function headers() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}");
}

/** Shows one masked value for as long as the server says. The server writes the audit line; the value never stays in the page. */
class MaskReveal extends HTMLElement {
  connectedCallback() {
    this.place = this.querySelector("[data-value]");
    this.button = this.querySelector("button");
    this.masked = this.place.textContent;
    this.button.addEventListener("click", () => (this.timer ? this.hide() : this.reveal()));
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  async reveal() {
    const answer = await fetch(this.dataset.url, { method: "POST", headers: headers(), credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) {
      document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: message("reveal_refused"), level: "bad" } }));
      return;
    }
    this.place.textContent = (await answer.text()).trim();
    this.button.setAttribute("aria-pressed", "true");
    const seconds = Number(answer.headers.get("X-Visible-Seconds")) || 60;
    this.timer = setTimeout(() => this.hide(), seconds * 1000);
  }

  hide() {
    clearTimeout(this.timer);
    this.timer = null;
    this.place.textContent = this.masked;
    this.button.setAttribute("aria-pressed", "false");
  }
}

/** Copies data-text. Without a secure context the clipboard is closed to pages, so the old command is the way. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => this.copy());
  }

  async copy() {
    const text = this.dataset.text;
    let done = false;
    if (navigator.clipboard && window.isSecureContext) {
      done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    } else {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "vh";
      this.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
    }
    const detail = { text: message(done ? "copied" : "copy_refused"), level: done ? "ok" : "bad" };
    document.body.dispatchEvent(new CustomEvent("toast", { detail }));
  }
}

/** Words of a deadline, kept right while the page stays open. data-left: seconds at load; stopped when data-paused. */
class SlaClock extends HTMLElement {
  connectedCallback() {
    this.loadedAt = Date.now();
    this.words = this.querySelector("[data-words]");
    if (this.words && this.dataset.left && !("paused" in this.dataset)) {
      this.timer = setInterval(() => this.tick(), 60000);
    }
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  tick() {
    const left = Number(this.dataset.left) - (Date.now() - this.loadedAt) / 1000;
    const hours = Math.floor(Math.abs(left) / 3600);
    if (left < 0) {
      this.words.textContent = hours < 24 ? message("sla_over_hours", { hours: Math.max(hours, 1) }) : this.words.textContent;
      this.classList.remove("ok", "warn");
      this.classList.add("bad");
    } else if (hours < 24) {
      this.words.textContent = message("sla_left_hours", { hours: Math.max(hours, 1) });
    }
  }
}

/** How many records were saved in this sitting and how long each took. Numbers only; no names are kept. */
class SessionCount extends HTMLElement {
  connectedCallback() {
    const store = window.sessionStorage;
    const key = `count:${this.dataset.name || "records"}`;
    const state = JSON.parse(store.getItem(key) || '{"n":0,"seconds":0,"at":0}');
    if (this.hasAttribute("data-saved") && store.getItem(`${key}:last`) !== this.dataset.saved) {
      const took = state.at ? Math.min((Date.now() - state.at) / 1000, 600) : 0;
      state.n += Number(this.dataset.people || 1);
      state.seconds += took;
      store.setItem(`${key}:last`, this.dataset.saved);
    }
    state.at = Date.now();
    store.setItem(key, JSON.stringify(state));
    this.hidden = state.n === 0;
    const average = state.n ? Math.round(state.seconds / state.n) : 0;
    this.textContent = message("session_count", { count: state.n, seconds: average });
  }
}

/** Light and dark without a reload; the form behind it still works when scripts do not. */
class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      const body = new FormData(form);
      body.set("theme", theme);
      fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      document.dispatchEvent(new CustomEvent("themechange"));
    });
  }
}

/** Show or hide a password. */
class PasswordField extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    const button = this.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      input.focus();
    });
  }
}

/** Closes an open <details> menu on a click elsewhere and on Escape. */
function closeMenus(except) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(except)) {
      menu.open = false;
    }
  });
}

/** data-mobile-to="#place" moves a block there on a phone and back on a desk. */
function placeForScreen(element) {
  const home = document.createComment("home");
  element.before(home);
  const phone = window.matchMedia("(max-width: 760px)");
  const move = () => {
    if (phone.matches) {
      document.querySelector(element.dataset.mobileTo).append(element);
    } else {
      home.after(element);
    }
  };
  phone.addEventListener("change", move);
  move();
}

/** data-fill='{"field": "value"}' writes into the nearest form named by data-fill-form, and marks the values as system-filled. */
function fillForm(button) {
  const form = document.querySelector(button.dataset.fillForm || "form");
  Object.entries(JSON.parse(button.dataset.fill)).forEach(([name, value]) => {
    const field = form.elements[name];
    if (field) {
      field.value = value;
      if (field.classList && !button.hasAttribute("data-plain")) {
        field.classList.add("auto");
      }
    }
  });
  const next = button.dataset.then && form.elements[button.dataset.then];
  if (next) {
    next.focus();
  }
}

customElements.define("mask-reveal", MaskReveal);
customElements.define("copy-btn", CopyButton);
customElements.define("sla-clock", SlaClock);
customElements.define("session-count", SessionCount);
customElements.define("theme-switch", ThemeSwitch);
customElements.define("password-field", PasswordField);

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const filler = event.target.closest("[data-fill]");
  if (filler) {
    fillForm(filler);
  }
  if (event.target.closest("[data-print]")) {
    window.print();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeMenus(null);
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]") && event.target.form) {
    event.target.form.requestSubmit ? event.target.form.requestSubmit() : event.target.form.submit();
  }
});
document.querySelectorAll("[data-mobile-to]").forEach(placeForScreen);

/** After a full page or a swap that brought errors, the reader lands on the summary. */
function focusSummary(root) {
  const summary = root.querySelector("[data-focus]");
  if (summary) {
    summary.focus();
    summary.scrollIntoView({ block: "center" });
  }
}
focusSummary(document);
document.body.addEventListener("htmx:afterSettle", (event) => event.target.querySelector && focusSummary(event.target));
