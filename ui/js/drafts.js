// <dirty-guard> around a form: warns once before leaving, and keeps a draft on the server (data-draft-url) every 10 s.
import { message } from "./messages.js";

const EVERY_MS = 10000;

function clockTime(date) {
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

class DirtyGuard extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form") || this.closest("form");
    this.dirty = false;
    this.unsaved = false;
    const touched = () => {
      this.dirty = true;
      this.unsaved = true;
    };
    this.form.addEventListener("input", touched);
    this.form.addEventListener("change", touched);
    this.form.addEventListener("submit", () => {
      this.dirty = false;
      this.unsaved = false;
    });
    this.onLeave = (event) => {
      if (this.dirty && (!this.dataset.draftUrl || this.unsaved)) {
        event.preventDefault();
        event.returnValue = "";
      }
    };
    window.addEventListener("beforeunload", this.onLeave);
    if (this.dataset.draftUrl) {
      this.timer = setInterval(() => this.save(), EVERY_MS);
      this.onHide = () => document.visibilityState === "hidden" && this.save({ leaving: true });
      document.addEventListener("visibilitychange", this.onHide);
      this.addEventListener("click", (event) => event.target.closest("[data-save-draft]") && this.save({ asked: true }));
    }
  }

  disconnectedCallback() {
    window.removeEventListener("beforeunload", this.onLeave);
    document.removeEventListener("visibilitychange", this.onHide);
    clearInterval(this.timer);
  }

  /** `leaving`: the page is being hidden, the request must outlive it; `asked`: the reader pressed the button. */
  async save({ leaving = false, asked = false } = {}) {
    if (!asked && (!this.unsaved || (!leaving && document.visibilityState !== "visible"))) {
      return;
    }
    this.unsaved = false;
    const body = new FormData(this.form);
    [...body.keys()].filter((key) => body.get(key) instanceof File).forEach((key) => body.delete(key));
    const request = { method: "POST", body, credentials: "same-origin", keepalive: leaving };
    const answer = await fetch(this.dataset.draftUrl, request).catch(() => null);
    const place = this.form.querySelector("[data-draft-status]");
    if (answer && answer.status === 204) {
      return;
    }
    if (answer && answer.ok && !answer.redirected) {
      if (place) {
        place.textContent = message("draft_saved", { time: clockTime(new Date()) });
      }
      const detail = await answer.json().catch(() => ({}));
      this.dispatchEvent(new CustomEvent("draft-saved", { bubbles: true, detail }));
    } else {
      this.unsaved = true;
      if (place) {
        place.textContent = message("draft_unsaved");
      }
    }
  }
}

customElements.define("dirty-guard", DirtyGuard);
