// Sentences shown by scripts come from the server (json_script "ui-messages"), in the reader's language.
let cache = null;

function load() {
  if (cache) {
    return cache;
  }
  const block = typeof document === "undefined" ? null : document.getElementById("ui-messages");
  cache = block ? JSON.parse(block.textContent) : {};
  return cache;
}

/** The sentence `key`, with {name} places filled from `values`; the key itself when the page has no catalogue. */
export function message(key, values = {}) {
  const text = load()[key] || key;
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}
