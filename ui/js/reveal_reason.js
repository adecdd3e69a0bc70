// <reveal-reason>: asks why, shows one full value for as long as the server says, then hides it again.
// The server writes who looked and why before it answers; the value never stays in the page.
const DEFAULT_SECONDS = 60;

class RevealReason extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.place = this.querySelector("[data-value]");
    this.menu = this.querySelector("details");
    this.hideButton = this.querySelector("[data-hide]");
    this.problem = this.querySelector("[data-problem]");
    this.masked = this.place.textContent;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.reveal(event.submitter);
    });
    this.hideButton.addEventListener("click", () => this.hide());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  async reveal(button) {
    const body = new FormData(this.form);
    if (button && button.name) {
      body.set(button.name, button.value);
    }
    const answer = await fetch(this.form.action, { method: "POST", body, credentials: "same-origin" }).catch(() => null);
    const text = answer && (answer.ok || answer.status === 422) ? (await answer.text()).trim() : "";
    if (!answer || !answer.ok) {
      this.problem.textContent = text || this.dataset.refused;
      this.problem.hidden = false;
      return;
    }
    this.problem.hidden = true;
    const notice = decodeURIComponent(answer.headers.get("X-Notice") || "");
    if (notice) {
      document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: notice, level: "warn" } }));
    }
    const seconds = Number(answer.headers.get("X-Visible-Seconds")) || DEFAULT_SECONDS;
    this.place.textContent = text;
    this.menu.open = false;
    this.menu.hidden = true;
    this.hideButton.hidden = false;
    this.timer = setTimeout(() => this.hide(), seconds * 1000);
  }

  hide() {
    clearTimeout(this.timer);
    this.place.textContent = this.masked;
    this.menu.hidden = false;
    this.hideButton.hidden = true;
  }
}

customElements.define("reveal-reason", RevealReason);
