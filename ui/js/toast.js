// <toast-stack>: what happened, and a real undo while the server still allows it. Fed by HX-Trigger {"toast": {...}}
// and by the <template data-toast> blocks that base.html writes for Django messages.
import { message } from "./messages.js";

const SHOWN_MS = 8000;

function iconOf(level) {
  const names = { bad: "circle-alert", warn: "triangle-alert" };
  const sprite = document.documentElement.dataset.icons;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${names[level] || "circle-check"}`);
  svg.append(use);
  return svg;
}

function csrfToken() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  const headers = document.body.getAttribute("hx-headers");
  return field ? field.value : JSON.parse(headers || "{}")["X-CSRFToken"];
}

class ToastStack extends HTMLElement {
  connectedCallback() {
    document.body.addEventListener("toast", (event) => this.show(event.detail));
    document.querySelectorAll("template[data-toast]").forEach((template) => {
      const { text, undo, level } = template.dataset;
      this.show({ text, undo, level });
    });
    document.body.addEventListener("htmx:responseError", (event) => this.showFailure(event.detail.xhr));
    document.body.addEventListener("htmx:sendError", () => this.show({ text: message("offline"), level: "bad" }));
  }

  show({ text, undo, level }) {
    const toast = document.createElement("div");
    toast.className = `toast ${level || "ok"}`;
    toast.setAttribute("role", level === "bad" ? "alert" : "status");
    const words = document.createElement("span");
    words.textContent = text;
    toast.append(iconOf(level), words);
    if (undo) {
      toast.append(this.undoButton(undo, toast));
    }
    this.append(toast);
    setTimeout(() => toast.remove(), SHOWN_MS);
  }

  showFailure(request) {
    const number = request.getResponseHeader("X-Request-ID") || "";
    this.show({ text: message(number ? "failed_number" : "failed", { number }), level: "bad" });
  }

  /** Undo is a plain POST that ends in a full page, so it needs no script on the server's side. */
  undoButton(url, toast) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    const token = document.createElement("input");
    token.type = "hidden";
    token.name = "csrfmiddlewaretoken";
    token.value = csrfToken();
    const button = document.createElement("button");
    button.textContent = message("undo");
    form.append(token, button);
    // Not at once: a form that has left the page is not submitted.
    form.addEventListener("submit", () => setTimeout(() => toast.remove()));
    return form;
  }
}

customElements.define("toast-stack", ToastStack);
