// <session-watch>: warns before the server ends the session, keeps what was typed, and puts it back afterwards.
// What the page asks by itself is marked as background work, so that an open page does not keep anybody logged in.

const BACKGROUND = { "X-Background": "1" };
const TEXTS = "input:not([type=hidden]):not([type=password]):not([type=file]), select, textarea";

function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}");
}

function isTyped(field) {
  if (field.type === "checkbox" || field.type === "radio") {
    return field.checked !== field.defaultChecked;
  }
  if (field.tagName === "SELECT") {
    return [...field.options].some((option) => option.selected !== option.defaultSelected);
  }
  return field.value !== field.defaultValue;
}

/** [name, text] of every field somebody changed, in forms that are sent (searches are not worth keeping). */
function typed() {
  const fields = [...document.querySelectorAll("form[method=post]")].flatMap((form) => [...form.querySelectorAll(TEXTS)]);
  return fields
    .filter((field) => field.name && !field.readOnly && isTyped(field))
    .map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? `${field.checked ? "+" : "-"}${field.value}` : field.value]);
}

function putBack([name, value]) {
  const fields = [...document.querySelectorAll("form[method=post] [name]")].filter((field) => field.name === name);
  const boxes = fields.filter((field) => field.type === "checkbox" || field.type === "radio");
  const box = boxes.find((field) => field.value === value.slice(1));
  const field = boxes.length ? box : fields[0];
  if (!field) {
    return false;
  }
  if (box) {
    box.checked = value.startsWith("+");
  } else {
    field.value = value;
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

class SessionWatch extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.words = this.querySelector("[data-remaining]");
    this.pattern = this.words.textContent;
    this.warn = Number(this.dataset.warn);
    this.querySelector("[data-extend]").addEventListener("click", () => this.extend());
    this.dialog.addEventListener("cancel", () => this.extend());
    document.body.addEventListener("htmx:configRequest", (event) => this.mark(event.detail));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.ask());
    this.count(Number(this.dataset.left));
    this.giveBack();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  /** Without an event of the reader (a timer, the bell's tick) a request is background work. */
  mark(detail) {
    const cause = detail.triggeringEvent;
    if (!cause || ["tick", "load", "revealed"].includes(cause.type)) {
      Object.assign(detail.headers, BACKGROUND);
    }
  }

  /** Wakes up when the warning is due, then every second. Another tab may have gone on working: the server knows. */
  count(left) {
    clearTimeout(this.timer);
    this.ends = Date.now() + left * 1000;
    this.timer = setTimeout(() => this.ask(), Math.max(0, left - this.warn) * 1000);
  }

  async ask() {
    const answer = await fetch(this.dataset.state, { headers: BACKGROUND, credentials: "same-origin" }).catch(() => null);
    if (!answer) {
      this.timer = setTimeout(() => this.ask(), 10000);
      return;
    }
    const told = answer.redirected || !answer.ok ? { left: 0 } : await answer.json();
    if (told.left > this.warn) {
      this.close();
      this.count(told.left);
    } else {
      this.ends = Date.now() + told.left * 1000;
      await this.keep();
      this.tick();
    }
  }

  tick() {
    clearTimeout(this.timer);
    const left = Math.round((this.ends - Date.now()) / 1000);
    if (left <= 0) {
      this.leave();
      return;
    }
    if (!this.dialog.open) {
      this.dialog.showModal();
    }
    this.words.textContent = this.pattern.replace("{left}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
    this.timer = setTimeout(() => (left % 15 ? this.tick() : this.ask()), 1000);
  }

  async extend() {
    const answer = await fetch(this.dataset.extend, { method: "POST", headers: csrf(), credentials: "same-origin" }).catch(() => null);
    const told = answer && answer.ok && !answer.redirected ? await answer.json() : { left: 0 };
    if (told.left) {
      this.close();
      this.count(told.left);
    } else {
      this.leave();
    }
  }

  close() {
    if (this.dialog.open) {
      this.dialog.close();
    }
  }

  /** The page goes: nobody who passes by reads what stands on it. */
  leave() {
    document.querySelectorAll("dirty-guard").forEach((guard) => guard.onLeave && window.removeEventListener("beforeunload", guard.onLeave));
    const here = window.location.pathname + window.location.search;
    window.location.replace(`${this.dataset.login}?next=${encodeURIComponent(here)}`);
  }

  async keep() {
    const fields = typed();
    if (!fields.length || JSON.stringify(fields) === this.kept) {
      return;
    }
    this.kept = JSON.stringify(fields);
    const body = new FormData();
    body.set("path", window.location.pathname);
    body.set("fields", this.kept);
    const headers = { ...csrf(), ...BACKGROUND };
    await fetch(this.dataset.keep, { method: "POST", body, headers, credentials: "same-origin" }).catch(() => null);
  }

  async giveBack() {
    if (!document.querySelector("form[method=post]") || !("kept" in this.dataset)) {
      return;
    }
    const body = new FormData();
    body.set("path", window.location.pathname);
    const headers = { ...csrf(), ...BACKGROUND };
    const answer = await fetch(this.dataset.back, { method: "POST", body, headers, credentials: "same-origin" }).catch(() => null);
    const told = answer && answer.ok && !answer.redirected ? await answer.json() : { fields: [] };
    if (told.fields.filter(putBack).length) {
      document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: this.dataset.kept, level: "ok" } }));
    }
  }
}

customElements.define("session-watch", SessionWatch);
