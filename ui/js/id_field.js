// <id-number>: groups the digits, checks them, fills sex, birth and age, and tells the form once the number is whole.
import { rememberValue } from "./ime.js";
import { groupId, parseId } from "./idnumber.js";
import { message } from "./messages.js";

class IdNumber extends HTMLElement {
  connectedCallback() {
    if (this.input) {
      return;
    }
    this.input = this.querySelector("input");
    this.status = this.querySelector(".st");
    this.problem = this.querySelector("[data-live-error]");
    this.input.addEventListener("input", (event) => !event.isComposing && this.sync());
    this.input.addEventListener("compositionend", () => this.sync());
    this.input.addEventListener("blur", () => this.complain());
    if (this.input.value) {
      this.sync();
    }
  }

  /** Read the field, rewrite it in groups, show what is known. */
  sync() {
    if (this.isOther()) {
      this.showStatus({ length: 0 });
      this.showProblem("");
      return;
    }
    const found = parseId(this.input.value);
    this.found = found;
    this.regroup(groupId(found.id));
    this.showStatus(found);
    const atEnd = found.length === 18;
    this.showProblem(found.problem && (atEnd || found.problem !== "id_check") ? found.problem : "");
    this.fill(found);
    if (found.ok && this.fired !== found.id) {
      this.fired = found.id;
      this.dispatchEvent(new CustomEvent("id-valid", { bubbles: true, detail: found }));
    }
    if (!found.ok) {
      this.fired = null;
    }
  }

  /** data-any: another kind of document is being typed; a read-only number was put there by the system. */
  isOther() {
    return this.input.hasAttribute("data-any") || this.input.readOnly;
  }

  /** Keep the caret behind the same character although blanks were put in. */
  regroup(text) {
    if (text === this.input.value) {
      return;
    }
    const before = this.input.value.slice(0, this.input.selectionStart).replace(/[\s\u3000-]/g, "").length;
    this.input.value = text;
    let position = 0;
    for (let seen = 0; seen < before && position < text.length; position += 1) {
      seen += text[position] === " " ? 0 : 1;
    }
    if (document.activeElement === this.input) {
      this.input.setSelectionRange(position, position);
    }
  }

  showStatus(found) {
    if (!this.status) {
      return;
    }
    this.status.className = "st";
    this.status.textContent = "";
    if (found.upgraded) {
      this.status.textContent = message("id_upgrade", { number: groupId(found.upgraded) });
      this.status.classList.add("warn");
    } else if (found.problem) {
      this.status.textContent = message("id_wrong");
      this.status.classList.add("bad");
    } else if (found.ok) {
      this.status.textContent = message("id_passed");
      this.status.classList.add("ok");
    } else if (found.length) {
      this.status.textContent = `${found.length}/18`;
    }
  }

  showProblem(key) {
    if (key) {
      this.input.setAttribute("aria-invalid", "true");
    } else {
      this.input.removeAttribute("aria-invalid");
    }
    if (this.problem) {
      this.problem.hidden = !key;
      this.problem.lastElementChild.textContent = key ? message(key) : "";
    }
  }

  /** On leaving the field a number that is too short is named as such. */
  complain() {
    if (this.isOther()) {
      return;
    }
    if (this.found && this.found.length && this.found.length < 18 && !this.found.problem && !this.found.upgraded) {
      this.showProblem("id_short");
    }
  }

  /** data-fills='{"sex":"sex","birth":"birth_date"}' names the fields of the same row or form. */
  fill(found) {
    const scope = this.closest("[data-row]") || this.closest("form") || this;
    const targets = JSON.parse(this.dataset.fills || "{}");
    for (const [what, name] of Object.entries(targets)) {
      const ending = scope.matches("[data-row]") ? `, [name$="-${CSS.escape(name)}"]` : "";
      const fields = [...scope.querySelectorAll(`[name="${CSS.escape(name)}"]${ending}`)];
      fields.forEach((field) => setField(field, found[what] || ""));
    }
    const age = scope.querySelector("[data-age]");
    if (age) {
      age.textContent = found.age === null ? "" : message("age", { age: found.age });
    }
    const sex = scope.querySelector("[data-sex]");
    if (sex) {
      sex.textContent = found.sex ? message(found.sex === "M" ? "sex_m" : "sex_f") : "";
    }
  }
}

function setField(field, value) {
  if (field.type === "radio") {
    field.checked = Boolean(value) && field.value === value;
    return;
  }
  if (value || field.classList.contains("auto")) {
    field.value = value;
    field.classList.toggle("auto", Boolean(value));
    rememberValue(field);
  }
}

customElements.define("id-number", IdNumber);
