// <unit-grid>: arrow keys walk over the rooms of a building; one room is in the tab order, Enter follows its link.
class UnitGrid extends HTMLElement {
  connectedCallback() {
    this.rows = [...this.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")]);
    const first = this.querySelector("td:not(.ug-dim) a") || this.querySelector("td a");
    if (first) {
      first.tabIndex = 0;
    }
    this.addEventListener("keydown", (event) => this.move(event));
    this.addEventListener("focusin", (event) => this.keep(event.target.closest("td a")));
  }

  /** The room that has the focus is the one that Tab comes back to. */
  keep(link) {
    if (!link) {
      return;
    }
    this.querySelectorAll('td a[tabindex="0"]').forEach((other) => {
      other.tabIndex = -1;
    });
    link.tabIndex = 0;
  }

  move(event) {
    const cell = event.target.closest("td");
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const row = this.rows.findIndex((cells) => cells.includes(cell));
    const column = this.rows[row].indexOf(cell);
    const target = this.target(event.key, row, column);
    if (target) {
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  target(key, row, column) {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (key === "Home" || key === "End") {
      const links = this.rows[row].map((cell) => cell.querySelector("a")).filter(Boolean);
      return key === "Home" ? links[0] : links[links.length - 1];
    }
    if (!(key in steps)) {
      return null;
    }
    const [down, right] = steps[key];
    for (let at = [row + down, column + right]; this.rows[at[0]]?.[at[1]]; at = [at[0] + down, at[1] + right]) {
      const link = this.rows[at[0]][at[1]].querySelector("a");
      if (link) {
        return link;
      }
    }
    return null;
  }
}

customElements.define("unit-grid", UnitGrid);
