// <bulk-table>: choose rows, act on many, walk with J and K, preview beside the list.
class BulkTable extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => this.onChange(event));
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("htmx:afterSettle", () => this.sync());
    this.sync();
  }

  get bar() {
    return this.querySelector(".bulk");
  }

  get boxes() {
    return [...this.querySelectorAll("tbody .cb")];
  }

  get rows() {
    return [...this.querySelectorAll("tbody tr[data-href]")];
  }

  onChange(event) {
    if (event.target.matches("[data-all]")) {
      this.boxes.forEach((box) => {
        box.checked = event.target.checked && !box.disabled;
      });
    }
    this.sync();
  }

  onClick(event) {
    const row = event.target.closest("tr[data-href]");
    const plainLink = event.target.closest("a") && (event.ctrlKey || event.metaKey || event.shiftKey);
    if (row && !event.target.closest("a:not([data-preview]), button, input, label, summary") && !plainLink && this.pane) {
      event.preventDefault();
      this.open(row);
    }
    if (event.target.closest("[data-clear]")) {
      this.boxes.forEach((box) => {
        box.checked = false;
      });
      this.sync();
    }
    const step = event.target.closest("[data-step]");
    if (step) {
      this.step(Number(step.dataset.step));
    }
    if (event.target.closest("[data-open-row]")) {
      const link = this.current && this.current.querySelector("a[href]");
      if (link) {
        window.location.assign(this.current.dataset.full || link.href);
      }
    }
  }

  get pane() {
    return document.querySelector(this.dataset.pane || "#pv");
  }

  get current() {
    return this.querySelector("tbody tr.cur");
  }

  /** The bar shows how many rows are chosen, and the head box whether that is all, some or none. */
  sync() {
    const chosen = this.boxes.filter((box) => box.checked).length;
    const all = this.querySelector("[data-all]");
    if (all) {
      all.checked = chosen > 0 && chosen === this.boxes.length;
      all.indeterminate = chosen > 0 && chosen < this.boxes.length;
    }
    if (this.bar) {
      this.bar.hidden = chosen === 0;
      const count = this.bar.querySelector("[data-n]");
      if (count) {
        count.textContent = String(chosen);
      }
    }
  }

  /** The pane may come with the next row (data-row-of names it): that row becomes the present one. */
  mark() {
    const shown = this.pane.querySelector("[data-row-of]");
    if (shown) {
      this.rows.forEach((one) => one.classList.toggle("cur", one.id === shown.dataset.rowOf));
      this.sync();
    }
  }

  /** Ignored while a decision is under way. The buttons of the file shown before must not decide about it any more. */
  open(row) {
    if (this.pane.querySelector("form.htmx-request")) {
      return;
    }
    this.pane.querySelectorAll("button").forEach((button) => {
      button.disabled = true;
    });
    this.rows.forEach((one) => {
      one.classList.toggle("cur", one === row);
      one.removeAttribute("aria-current");
    });
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    this.pane.classList.add("open");
    window.htmx.ajax("GET", row.dataset.href, { target: this.pane, swap: "innerHTML" });
  }

  step(by) {
    const rows = this.rows;
    const at = rows.findIndex((row) => row.classList.contains("cur"));
    const row = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (row && this.pane) {
      this.open(row);
    }
  }
}

customElements.define("bulk-table", BulkTable);
