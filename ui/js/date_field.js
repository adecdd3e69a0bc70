// <date-field>: a text box that understands 1120, -2 and 昨天, with the native calendar behind an icon.
import { daysBefore, isoDay, parseDay } from "./days.js";
import { message } from "./messages.js";

class DateField extends HTMLElement {
  connectedCallback() {
    if (this.input) {
      return;
    }
    this.input = this.querySelector("input:not([type=date])");
    this.picker = this.querySelector("input[type=date]");
    this.hint = this.querySelector("[data-hint]");
    this.addEventListener("click", (event) => this.onClick(event));
    this.picker.addEventListener("change", () => this.picker.value && this.set(new Date(`${this.picker.value}T00:00`)));
    this.input.addEventListener("blur", () => this.read());
    const calendar = this.querySelector("[data-cal]");
    if (calendar) {
      calendar.hidden = typeof this.picker.showPicker !== "function";
    }
    this.read();
  }

  onClick(event) {
    const quick = event.target.closest("[data-d]");
    if (quick) {
      this.set(daysBefore(new Date(), Number(quick.dataset.d)));
      this.input.focus();
    } else if (event.target.closest("[data-cal]")) {
      this.picker.value = this.input.value;
      this.picker.showPicker();
    }
  }

  read() {
    const text = this.input.value.trim();
    if (!text) {
      return;
    }
    const day = parseDay(text, new Date(), Number(this.dataset.ahead || 31));
    if (day) {
      this.set(day);
    } else {
      this.input.setAttribute("aria-invalid", "true");
      this.say(message("date_unread"));
    }
  }

  set(day) {
    const text = isoDay(day);
    const changed = text !== this.input.value;
    this.input.value = text;
    this.input.removeAttribute("aria-invalid");
    const weekday = message("weekdays").split("|")[day.getDay()];
    this.say(message("date_read", { month: day.getMonth() + 1, day: day.getDate(), weekday }));
    this.querySelectorAll("[data-d]").forEach((button) => {
      const same = isoDay(daysBefore(new Date(), Number(button.dataset.d))) === text;
      button.setAttribute("aria-pressed", String(same));
    });
    if (changed) {
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  say(text) {
    if (this.hint) {
      this.hint.textContent = text;
    }
  }
}

customElements.define("date-field", DateField);
