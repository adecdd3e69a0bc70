// Input-method-safe live input: emits "live" once the value has settled, never while a word is being composed.
const SETTLE_MS = 220;
const timers = new WeakMap();
const lastValue = new WeakMap();

/** Tell the module that a value was set by a script, so that it does not count as typing. */
export function rememberValue(input) {
  lastValue.set(input, input.value.trim());
}

function announce(input) {
  const value = input.value.trim();
  const minimum = Number(input.dataset.liveMin || 0);
  if (value === lastValue.get(input)) {
    return;
  }
  lastValue.set(input, value);
  if (value.length >= minimum || value === "") {
    input.dispatchEvent(new CustomEvent("live", { bubbles: true, detail: { value } }));
  }
}

function settle(input) {
  clearTimeout(timers.get(input));
  timers.set(input, setTimeout(() => announce(input), Number(input.dataset.liveMs || SETTLE_MS)));
}

export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-live]") && !event.isComposing) {
    settle(event.target);
  }
});
document.addEventListener("compositionend", (event) => {
  if (event.target.matches("[data-live]")) {
    settle(event.target);
  }
});
