// <cmd-palette> inside <dialog id="palette">: search everything; arrows choose, Enter goes, Ctrl Enter shows all.
import { isComposing } from "./ime.js";

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.results = this.querySelector("[data-results]");
    this.input.addEventListener("live", () => this.load());
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.closest("dialog").addEventListener("close", () => this.reset());
    this.input.addEventListener("focus", () => !this.input.value && this.load());
    this.asked = 0;
  }

  reset() {
    this.input.value = "";
  }

  async load() {
    this.asked += 1;
    const turn = this.asked;
    const url = new URL(this.dataset.src, window.location.href);
    const body = new URLSearchParams({ q: this.input.value });
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token }, credentials: "same-origin" }).catch(() => null);
    if (answer && answer.ok && turn === this.asked) {
      this.results.innerHTML = await answer.text();
      this.mark(0);
    }
  }

  get links() {
    return [...this.results.querySelectorAll("a, [data-all]")];
  }

  mark(index) {
    const links = this.links;
    if (!links.length) {
      return;
    }
    this.index = (index + links.length) % links.length;
    links.forEach((link, at) => link.setAttribute("aria-selected", String(at === this.index)));
    links[this.index].scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    if (isComposing(event) || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) {
      return;
    }
    if (event.key === "Enter" && event.target.matches("a, [data-all]")) {
      return;
    }
    event.preventDefault();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.stopPropagation();
      this.results.querySelector("[data-all]")?.click();
      return;
    }
    if (event.key === "Enter") {
      const link = this.links[this.index];
      if (link) {
        link.click();
      }
      return;
    }
    this.mark((this.index || 0) + (event.key === "ArrowDown" ? 1 : -1));
  }
}

customElements.define("cmd-palette", CommandPalette);
