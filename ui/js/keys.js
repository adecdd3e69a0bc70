// The keyboard map. Nothing fires while a word is being composed; single letters fire only outside fields
// and can be switched off (data-keys="off" on <html>, set on the preferences page; WCAG 2.1.4).
import { isComposing } from "./ime.js";

const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

function isTyping(target) {
  return Boolean(target.closest && target.closest(FIELDS));
}

function isShown(element) {
  return element.offsetParent !== null;
}

function press(selector, event) {
  const scope = document.querySelector("dialog[open]") || document;
  const button = [...scope.querySelectorAll(selector)].find((one) => !one.disabled && (isShown(one) || one.hidden));
  if (button) {
    event.preventDefault();
    button.click();
  }
  return Boolean(button);
}

const OWN_ENTER = "a[href], button, summary, input, select";
const ACTS = ["button", "reset", "image"];

/**
 * A field that still needs an answer: not filled by the system, not a radio group with a choice.
 * In a form with data-enter-next="required" only empty required fields and empty stops (data-stop) count, and the main
 * button at the end; everything optional is reached with Tab.
 */
function needsAnswer(field, form) {
  if (field.disabled || field.type === "hidden" || ACTS.includes(field.type) || field.tabIndex < 0 || !isShown(field) || field.readOnly) {
    return false;
  }
  if (field.type === "radio") {
    return !form.querySelector(`input[name="${CSS.escape(field.name)}"]:checked`);
  }
  if (field.type === "submit") {
    return "primary" in field.dataset || !form.querySelector("[data-primary]");
  }
  if (form.dataset.enterNext === "required") {
    return (field.required || "stop" in field.dataset) && !field.value;
  }
  return !field.classList.contains("auto") || (field.required && !field.value);
}

/** Where Enter leads from `current`; from a null `current` the first field that needs an answer. */
export function nextField(form, current) {
  const seen = new Set();
  const fields = [...form.elements].filter((field) => {
    const mates = current && current.type === "radio" && field.type === "radio" && field.name === current.name;
    if (field !== current && !mates && !needsAnswer(field, form)) {
      return false;
    }
    if (field.type !== "radio") {
      return true;
    }
    const isNew = !seen.has(field.name);
    seen.add(field.name);
    return isNew;
  });
  if (!current) {
    return fields[0];
  }
  const at = fields.findIndex((field) => field === current || (current.type === "radio" && field.name === current.name));
  return fields[at + 1];
}

function enterMovesOn(event) {
  const form = event.target.closest && event.target.closest("form[data-enter-next]");
  if (!form || event.shiftKey || event.defaultPrevented || !event.target.matches("input, select")) {
    return false;
  }
  const next = nextField(form, event.target);
  if (next) {
    event.preventDefault();
    next.focus();
    if (next.select && next.type !== "submit") {
      next.select();
    }
  }
  return Boolean(next);
}

function digitPicksRadio(event) {
  if (!/^[1-9]$/.test(event.key) || event.target.type !== "radio" || !event.target.form) {
    return false;
  }
  const group = event.target.form.querySelectorAll(`input[type=radio][name="${CSS.escape(event.target.name)}"]`);
  const radio = group[Number(event.key) - 1];
  if (radio) {
    event.preventDefault();
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return true;
}

export function openDialog(selector) {
  const dialog = document.querySelector(selector);
  if (dialog && !dialog.open) {
    dialog.showModal();
    const field = dialog.querySelector("[autofocus], input:not([type=hidden]), textarea, select");
    if (field) {
      field.focus();
    }
  }
}

function onChord(event) {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "k") {
    event.preventDefault();
    openDialog("#palette");
    return true;
  }
  if (event.altKey && /^[1-9]$/.test(key)) {
    return press(`[data-alt="${key}"]`, event);
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    return press("[data-primary]", event);
  }
  if (/^f\d+$/.test(key)) {
    return press(`[data-key="${key}"]`, event);
  }
  return false;
}

function onLetter(event) {
  const off = document.documentElement.dataset.keys === "off";
  if (off || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === "Enter" && event.target.closest && event.target.closest(OWN_ENTER)) {
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    openDialog("#palette");
    return;
  }
  press(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`, event);
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event)) {
    return;
  }
  const handled = onChord(event) || (event.key === "Enter" && enterMovesOn(event)) || digitPicksRadio(event);
  if (!handled) {
    onLetter(event);
  }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    openDialog(opener.dataset.open);
  }
  const closer = event.target.closest("[data-close]");
  if (closer && closer.closest("dialog")) {
    closer.closest("dialog").close();
  }
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    event.target.close();
  }
});
