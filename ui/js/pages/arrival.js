// <arrival-page>: what ties the fields of the arrival form together. Every field also works alone and without scripts.
import { rememberValue } from "../ime.js";
import { nextField } from "../keys.js";

const OWN_DOCUMENT = "111";
const SEX_CODES = { M: "1", F: "2" };
const ADULT = 18;
const GENERATION = 16;
const SPOUSE = "10";
const CHILDREN = { 1: "20", 2: "30" };
const PARENTS = { 1: "51", 2: "52" };
const DUTY_FIELDS = ["document_kind", "nationality", "lodging", "reason", "arrived_on", "planned_until"];

/** A value that the system put in: green until somebody types. */
function setAuto(field, value) {
  if (!field || (field.value && !field.classList.contains("auto"))) {
    return;
  }
  field.value = value;
  field.classList.toggle("auto", Boolean(value));
  rememberValue(field);
}

function tell(selector, name) {
  const target = document.querySelector(selector);
  if (target) {
    target.dispatchEvent(new CustomEvent(name));
  }
}

class ArrivalPage extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.head = {};
    this.touched = new Set();
    this.addEventListener("id-valid", (event) => this.onNumber(event));
    this.addEventListener("input", (event) => this.onTyping(event));
    this.addEventListener("change", (event) => this.onChange(event));
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("picked", (event) => this.onPicked(event));
    this.addEventListener("new-entry", (event) => this.openDwelling(event.detail));
    this.addEventListener("draft-saved", (event) => this.keepAddress(event.detail));
    this.listenToServer();
    this.switchDocument();
    this.dropDoubledErrors();
    if (this.querySelector("[data-check-now]")) {
      window.addEventListener("load", () => tell("#dup", "dup-again"));
    }
  }

  listenToServer() {
    const body = document.body;
    body.addEventListener("arrival-facts", (event) => this.onFacts(event.detail));
    body.addEventListener("arrival-load", (event) => this.onLoad(event.detail));
    body.addEventListener("dwelling-added", (event) => this.onDwelling(event.detail));
    body.addEventListener("htmx:afterSettle", (event) => {
      this.onCompanionFacts(event.target);
      this.onPanel(event.target);
    });
    body.addEventListener("htmx:beforeRequest", (event) => {
      this.checking = this.checking || event.target.id === "dup";
    });
    document.addEventListener("keydown", (event) => {
      if (event.altKey && event.key === "1" && this.checking && !this.querySelector("#dup [data-alt]")) {
        event.preventDefault();
        this.hurried = true;
      }
    });
  }

  /** Alt+1 was pressed before the panel was here: the person is loaded as soon as it is. */
  onPanel(target) {
    if (target.id !== "dup") {
      return;
    }
    this.checking = false;
    const load = this.hurried && target.querySelector("button[data-alt='1']");
    this.hurried = false;
    if (load) {
      load.click();
    }
  }

  field(name) {
    return this.form.elements[name];
  }

  // --- the number -------------------------------------------------------------------------------------------------

  onNumber(event) {
    const row = event.target.closest("[data-row]");
    if (row) {
      this.onCompanionNumber(row, event.detail);
      return;
    }
    this.head = event.detail;
    this.chooseSex(SEX_CODES[event.detail.sex]);
    this.showMinorNote(event.detail.age);
    this.showMismatch();
    this.countPeople();
  }

  chooseSex(code) {
    const radio = this.form.querySelector(`[name=sex][value="${code}"]`);
    if (radio) {
      radio.checked = true;
    }
  }

  showMinorNote(age) {
    const note = this.querySelector("[data-below-age]");
    note.hidden = age === null || age >= Number(note.dataset.belowAge);
  }

  /** The clerk may know better than the number, but then has to say why. */
  showMismatch() {
    const found = this.head;
    const place = this.querySelector("#cell_mismatch_reason");
    if (!found.ok) {
      return;
    }
    const sex = this.form.querySelector("[name=sex]:checked");
    const native = this.field("native_code").value;
    const differs =
      (sex && sex.value !== SEX_CODES[found.sex]) ||
      (this.field("birth_date").value && this.field("birth_date").value !== found.birth) ||
      (native && this.told && native !== this.told);
    place.hidden = !differs && !place.querySelector("input").value;
    place.querySelector("input").required = Boolean(differs);
  }

  onFacts(facts) {
    this.told = facts.native_code;
    const text = this.field("native_code_text");
    if (facts.native_code && (!text.value || text.classList.contains("auto"))) {
      setAuto(text, facts.native_code_text || facts.native_code);
      this.field("native_code").value = facts.native_code;
    }
    setAuto(this.field("birth_date"), facts.birth_date);
    if (facts.sex && !this.form.querySelector("[name=sex]:checked")) {
      this.chooseSex(facts.sex);
    }
  }

  // --- a known person -----------------------------------------------------------------------------------------------

  onLoad({ values, masked }) {
    Object.entries(values).forEach(([name, value]) => this.put(name, String(value === null ? "" : value)));
    const number = this.field("document_number");
    number.readOnly = masked;
    rememberValue(number);
    this.switchDocument();
    const phone = this.field("phone");
    if (values.phone_on_file) {
      phone.required = false;
      phone.placeholder = values.phone_on_file;
    }
    this.form.dispatchEvent(new Event("change", { bubbles: true }));
    const next = nextField(this.form, null);
    if (next) {
      next.focus();
    }
  }

  put(name, value) {
    if (name === "sex") {
      this.chooseSex(value);
      return;
    }
    const field = this.field(name);
    if (!field || (!value && name !== "phone_on_file")) {
      return;
    }
    field.value = value;
    if (field.type !== "hidden" && name !== "document_number") {
      field.classList.add("auto");
      rememberValue(field);
    }
  }

  // --- kinds of document ----------------------------------------------------------------------------------------------

  switchDocument() {
    const kind = this.field("document_kind");
    const number = this.field("document_number");
    const other = kind.value !== OWN_DOCUMENT;
    const button = this.querySelector("[data-other]");
    const label = this.querySelector("[data-number-label]");
    this.querySelector("#cell_document_kind").hidden = !other;
    this.querySelector("#cell_nationality").hidden = !other;
    this.querySelector("#cell_document_number").classList.toggle("c12", !other);
    this.querySelector("#cell_document_number").classList.toggle("c8", other);
    button.setAttribute("aria-pressed", String(other));
    button.querySelector("span").textContent = other ? button.dataset.on : button.dataset.off;
    label.textContent = other ? label.dataset.any : label.dataset.own;
    number.toggleAttribute("data-any", other && !["113", "HMT_RP"].includes(kind.value));
    number.toggleAttribute("data-live", other);
    number.closest("id-number").sync();
  }

  toggleDocument() {
    const kind = this.field("document_kind");
    kind.value = kind.value === OWN_DOCUMENT ? "414" : OWN_DOCUMENT;
    this.switchDocument();
    this.tellDuty();
    (kind.value === OWN_DOCUMENT ? this.field("document_number") : kind).focus();
  }

  // --- the address --------------------------------------------------------------------------------------------------

  onPicked(event) {
    if (!event.target.closest("#cell_dwelling")) {
      return;
    }
    this.takeHabits(event.detail.data);
  }

  /** Lodging and reason of the last stay at this address, unless the clerk chose already. */
  takeHabits({ lodging, reason, hint }) {
    Object.entries({ lodging, reason }).forEach(([name, value]) => {
      const radio = value && !this.touched.has(name) && this.form.querySelector(`[name=${name}][value="${value}"]`);
      if (radio) {
        radio.checked = true;
      }
    });
    if (hint) {
      this.querySelector("[data-address-hint]").textContent = hint;
    }
    this.tellDuty();
  }

  takeAddress({ v, label, lodging, reason, hint }) {
    const text = this.field("dwelling_text");
    text.value = label;
    text.removeAttribute("aria-invalid");
    rememberValue(text);
    this.field("dwelling").value = v;
    text.focus();
    this.takeHabits({ lodging, reason, hint });
    text.dispatchEvent(new Event("change", { bubbles: true }));
    tell("#dup", "dup-again");
  }

  openDwelling({ text, dialog }) {
    const element = document.querySelector(dialog);
    const url = `${element.dataset.src}?text=${encodeURIComponent(text)}`;
    window.htmx.ajax("GET", url, { target: "#dwelling-body", swap: "innerHTML" }).then(() => {
      element.showModal();
      const empty = [...element.querySelectorAll("input:not([type=hidden]):not([type=radio])")].find((one) => !one.value);
      if (empty) {
        empty.focus();
      }
    });
    element.addEventListener("close", () => this.field("dwelling_text").focus(), { once: true });
  }

  onDwelling({ value, label, lodging }) {
    document.querySelector("#dwelling-dialog").close();
    this.takeAddress({ v: value, label, lodging });
  }

  // --- companions -----------------------------------------------------------------------------------------------------

  onCompanionNumber(row, found) {
    row.dataset.age = found.age;
    row.dataset.sex = SEX_CODES[found.sex];
    const relation = row.querySelector("[name$='-relation']");
    setAuto(relation, this.guessRelation(row, SEX_CODES[found.sex], found.age));
    this.countPeople();
  }

  /** Children by age, the first adult of the other sex as spouse, a generation older as parent; otherwise no guess. */
  guessRelation(row, sex, age) {
    if (!this.head.ok) {
      return "";
    }
    const gap = this.head.age - age;
    if (age < ADULT && gap >= GENERATION) {
      return CHILDREN[sex];
    }
    if (gap <= -GENERATION) {
      return PARENTS[sex];
    }
    const others = [...this.querySelectorAll("[name$='-relation']")].filter((one) => !row.contains(one));
    const free = others.every((one) => one.value !== SPOUSE);
    const couple = age >= ADULT && Math.abs(gap) < GENERATION && sex !== SEX_CODES[this.head.sex];
    return free && couple ? SPOUSE : "";
  }

  onCompanionFacts(target) {
    if (!target.classList || !target.classList.contains("facts")) {
      return;
    }
    const known = target.querySelector("[data-known-name]");
    if (known) {
      setAuto(target.closest("[data-row]").querySelector("[name$='-name']"), known.dataset.knownName);
    }
  }

  countPeople() {
    const place = this.querySelector("[data-household]");
    const rows = [...this.querySelectorAll("[data-rows] [data-row]:not([hidden])")].filter(
      (row) => row.querySelector("[name$='-document_number']").value,
    );
    const children = rows.filter((row) => row.dataset.age !== undefined && Number(row.dataset.age) < ADULT).length;
    place.textContent = rows.length ? place.dataset.text.replace("{n}", rows.length + 1).replace("{c}", children) : "";
  }

  // --- the rest -------------------------------------------------------------------------------------------------------

  onTyping(event) {
    if (event.isTrusted) {
      event.target.classList.remove("auto");
    }
    this.dropError(event.target);
  }

  /** The server's word about a field goes as soon as the field changes; the next save judges again. */
  dropError(field) {
    const told = field.id && document.getElementById(`${field.id.replace(/_\d+$/, "")}_error`);
    if (told) {
      told.remove();
      field.removeAttribute("aria-invalid");
      const kept = (field.getAttribute("aria-describedby") || "").replace(told.id, "").trim();
      field.setAttribute("aria-describedby", kept);
    }
  }

  /** Where the field itself says what is wrong, the server's sentence about it is not needed as well. */
  dropDoubledErrors() {
    this.querySelectorAll("id-number").forEach((element) => {
      const live = element.querySelector("[data-live-error]");
      const told = document.getElementById(`${element.querySelector("input").id}_error`);
      if (live && !live.hidden && told) {
        told.remove();
      }
    });
  }

  onChange(event) {
    const name = event.target.name || "";
    if (event.isTrusted || event.target.type === "radio") {
      this.touched.add(name);
    }
    if (name === "document_kind") {
      this.switchDocument();
    }
    if (["sex", "birth_date", "native_code"].includes(name)) {
      this.showMismatch();
    }
    if (DUTY_FIELDS.includes(name)) {
      this.tellDuty();
    }
    const row = event.target.closest("[data-row]");
    if (row && name.endsWith("-document_kind")) {
      const number = row.querySelector("[name$='-document_number']");
      number.toggleAttribute("data-any", ![OWN_DOCUMENT, "113", "HMT_RP"].includes(event.target.value));
      number.closest("id-number").sync();
    }
    if (row) {
      this.countPeople();
    }
  }

  tellDuty() {
    tell("[data-duty]", "duty-changed");
  }

  onClick(event) {
    const taken = event.target.closest("[data-take-address]");
    if (taken) {
      this.takeAddress({ ...taken.dataset });
    }
    if (event.target.closest("[data-other]")) {
      this.toggleDocument();
    }
    const other = event.target.closest("[data-row-other]");
    if (other) {
      this.openRowFacts(other);
    }
  }

  openRowFacts(button) {
    const row = button.closest("[data-row]");
    row.querySelector(".row-more").hidden = false;
    button.hidden = true;
    const kind = row.querySelector("[name$='-document_kind']");
    kind.value = "113";
    kind.focus();
  }

  /** After the first automatic draft a reload, or the way back, finds the same form again. */
  keepAddress({ url }) {
    if (url && window.location.pathname + window.location.search !== url) {
      window.history.replaceState(window.history.state, "", url);
    }
  }
}

customElements.define("arrival-page", ArrivalPage);
