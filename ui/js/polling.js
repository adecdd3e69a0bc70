// <poll-visible every="45">: fires "tick" on itself, with jitter, only while the tab is looked at.
class PollVisible extends HTMLElement {
  connectedCallback() {
    this.schedule();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  schedule() {
    const seconds = Number(this.getAttribute("every") || 45);
    this.timer = setTimeout(() => {
      if (document.visibilityState === "visible") {
        this.dispatchEvent(new CustomEvent("tick", { bubbles: true }));
      }
      this.schedule();
    }, seconds * (900 + Math.random() * 200));
  }
}

customElements.define("poll-visible", PollVisible);
