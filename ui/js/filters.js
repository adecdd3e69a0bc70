// Filter forms of lists: empty choices stay out of the address line, and so do ID and phone numbers –
// those go to the search box at the top, which posts.
import { openDialog } from "./keys.js";
import { isPrivateNumber } from "./private_number.js";

function divert(event) {
  const form = event.target.closest && event.target.closest("form[data-filters]");
  const field = form && form.elements.q;
  if (!field || !isPrivateNumber(field.value)) {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const number = field.value;
  field.value = "";
  openDialog("#palette");
  const box = document.querySelector("#palette input");
  box.value = number;
  box.dispatchEvent(new CustomEvent("live", { bubbles: true }));
}

document.addEventListener("live", divert, true);
document.addEventListener("submit", divert, true);
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("form[data-filters]")) {
    return;
  }
  const { parameters } = event.detail;
  Object.keys(parameters).forEach((name) => {
    if (parameters[name] === "" || parameters[name] === "unknown") {
      delete parameters[name];
    }
  });
});

// htmx changes the address without a reload: a view is saved with the filters that stand there now.
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-view-form]")) {
    event.target.elements.query.value = window.location.search.slice(1);
  }
});
