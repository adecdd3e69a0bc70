// <row-editor>: rows of a Django formset. Clones the <template>, keeps TOTAL_FORMS right, marks removed rows with DELETE.
class RowEditor extends HTMLElement {
  connectedCallback() {
    this.template = this.querySelector("template");
    this.body = this.querySelector("[data-rows]");
    this.total = this.querySelector("input[name$=-TOTAL_FORMS]");
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-add]")) {
        this.add();
      }
      const remove = event.target.closest("[data-remove]");
      if (remove) {
        this.remove_(remove.closest("[data-row]"));
      }
    });
  }

  add() {
    const index = Number(this.total.value);
    const limit = Number(this.dataset.max || 50);
    if (index >= limit) {
      return;
    }
    const holder = document.createElement(this.body.tagName);
    holder.innerHTML = this.template.innerHTML.replace(/__prefix__/g, String(index));
    const row = holder.firstElementChild;
    this.body.append(row);
    this.total.value = String(index + 1);
    this.classList.remove("none");
    if (window.htmx) {
      window.htmx.process(row);
    }
    const field = row.querySelector("[data-first]") || row.querySelector("input:not([type=hidden]), select");
    if (field) {
      field.focus();
    }
    this.count();
  }

  /** A row that the server knows keeps its place and is marked; a new one is emptied and hidden so numbers stay dense. */
  remove_(row) {
    const mark = row.querySelector("input[name$=-DELETE]");
    if (mark) {
      mark.checked = true;
      mark.value = "on";
    }
    row.hidden = true;
    row.querySelectorAll("input:not([type=hidden]), select, textarea").forEach((field) => {
      field.value = "";
    });
    row.querySelectorAll("[required]").forEach((field) => field.removeAttribute("required"));
    this.count();
    this.classList.toggle("none", !this.body.querySelector("[data-row]:not([hidden])"));
    row.dispatchEvent(new Event("change", { bubbles: true }));
    const add = this.querySelector("[data-add]");
    if (add) {
      add.focus();
    }
  }

  count() {
    const place = this.querySelector("[data-count]");
    if (place) {
      place.textContent = String(this.body.querySelectorAll("[data-row]:not([hidden])").length);
    }
  }
}

customElements.define("row-editor", RowEditor);
