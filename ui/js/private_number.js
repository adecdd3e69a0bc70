// Pure; the same rule as portal/ui/filters.py.

/** Does the text hold an ID or phone number (11 to 18 digits in a row, blanks and hyphens ignored)? */
export function isPrivateNumber(text) {
  const half = text.replace(/[\uFF10-\uFF19]/g, (ch) => String.fromCharCode(ch.charCodeAt(0) - 0xfee0));
  return /\d{11,}/.test(half.replace(/[\s-]/g, ""));
}
