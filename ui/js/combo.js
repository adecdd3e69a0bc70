// <combo-box src="...">: the ARIA 1.2 editable combobox. Options are <li role="option" data-v data-label> sent by the server.
import { isComposing, rememberValue } from "./ime.js";

let lists = 0;

class ComboBox extends HTMLElement {
  connectedCallback() {
    if (this.input) {
      return;
    }
    this.input = this.querySelector("input:not([type=hidden])");
    this.hidden_ = this.querySelector("input[type=hidden]");
    this.pop = this.querySelector(".pop");
    this.list = this.pop.querySelector("[role=listbox]");
    this.asked = 0;
    lists += 1;
    this.list.id = this.list.id || `options-${lists}`;
    this.describe();
    this.listen();
  }

  describe() {
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-expanded": "false" };
    Object.entries(attributes).forEach(([name, value]) => this.input.setAttribute(name, value));
    this.input.autocomplete = "off";
  }

  listen() {
    this.input.addEventListener("live", () => {
      this.forget();
      this.load();
    });
    this.input.addEventListener("input", () => {
      this.pending = true;
    });
    this.input.addEventListener("focus", () => !this.input.value && this.load());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 120));
    this.list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) {
        event.preventDefault();
        this.pick(option);
      }
    });
  }

  /** Typing again means that the earlier choice no longer holds. */
  forget() {
    if (this.hidden_ && this.hidden_.value) {
      this.hidden_.value = "";
      this.hidden_.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  async load() {
    this.asked += 1;
    const turn = this.asked;
    const url = new URL(this.getAttribute("src"), window.location.href);
    url.searchParams.set("q", this.input.value);
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || turn !== this.asked || (document.activeElement !== this.input && !this.hurried)) {
      return;
    }
    const options = await answer.text();
    if (turn !== this.asked || (document.activeElement !== this.input && !this.hurried)) {
      return;
    }
    this.list.innerHTML = options;
    this.pending = false;
    if (this.hurried) {
      this.hurried = false;
      this.pickBest();
    } else if (this.list.children.length) {
      this.open();
    } else {
      this.close();
    }
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  open() {
    this.pop.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.options.forEach((option, index) => {
      option.id = option.id || `${this.list.id}-${index}`;
    });
    this.mark(0);
  }

  close() {
    this.pop.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  mark(index) {
    const options = this.options;
    if (!options.length) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.index = (index + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.index)));
    this.input.setAttribute("aria-activedescendant", options[this.index].id);
    options[this.index].scrollIntoView({ block: "nearest" });
  }

  /** Enter came before the options did: take the first real one as soon as they are here. */
  pickBest() {
    const best = this.options.find((option) => option.dataset.v && option.getAttribute("aria-disabled") !== "true");
    if (best) {
      this.pick(best);
    }
  }

  /** data-dialog: the page opens a dialog for a new entry; a disabled option is only information. An option with data-href leads to another page (as "new dwelling" does); all others fill the field. */
  pick(option) {
    if (option.getAttribute("aria-disabled") === "true") {
      return;
    }
    if (option.dataset.dialog) {
      this.close();
      this.dispatchEvent(new CustomEvent("new-entry", { bubbles: true, detail: { text: this.input.value, dialog: option.dataset.dialog } }));
      return;
    }
    if (option.dataset.href) {
      window.location.assign(option.dataset.href);
      return;
    }
    this.pending = false;
    this.input.value = option.dataset.label || option.textContent.trim();
    this.input.removeAttribute("aria-invalid");
    rememberValue(this.input);
    if (this.hidden_) {
      this.hidden_.value = option.dataset.v;
      this.hidden_.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.close();
    this.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: { value: option.dataset.v, data: { ...option.dataset } } }));
  }

  onKey(event) {
    if (isComposing(event)) {
      return;
    }
    const isOpen = !this.pop.hidden;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      if (isOpen) {
        this.mark(this.index + 1);
      } else {
        this.load();
      }
    } else if (event.key === "ArrowUp" && isOpen) {
      event.preventDefault();
      this.mark(this.index - 1);
    } else if (event.key === "Enter" && isOpen && !this.pending && this.options.length && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      this.pick(this.options[this.index]);
    } else if (event.key === "Enter" && this.pending && this.input.value.trim() && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      this.hurried = true;
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab") {
      this.close(); // at once: the list lies over the field that gets the focus
    }
  }
}

customElements.define("combo-box", ComboBox);
