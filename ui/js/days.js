// Dates as clerks type them. Pure functions, the same rules as portal/ui/dates.py.
const RELATIVE = { 今天: 0, 昨天: 1, 前天: 2, 大前天: 3, 明天: -1, 后天: -2, today: 0, yesterday: 1, tomorrow: -1 };

export function isoDay(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function daysBefore(today, days) {
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
}

function realDay(year, month, day) {
  const date = new Date(year, month - 1, day);
  return date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day ? date : null;
}

/**
 * 1120, 11-20, 20261120, 2026-11-20, 2026年11月20日, -2, +3, 昨天.
 * A month and day without a year is this year's, unless that lies more than `ahead` days in the future:
 * then last year's. Returns a Date or null.
 */
export function parseDay(raw, today = new Date(), ahead = 31) {
  const half = raw.trim().replace(/[\uFF01-\uFF5E]/g, (ch) => String.fromCharCode(ch.charCodeAt(0) - 0xfee0));
  const word = half.toLowerCase();
  if (word in RELATIVE) {
    return daysBefore(today, RELATIVE[word]);
  }
  const shift = /^([+-])(\d{1,3})$/.exec(word);
  if (shift) {
    return daysBefore(today, shift[1] === "-" ? Number(shift[2]) : -Number(shift[2]));
  }
  const text = word.replace(/[./年月\s]+/g, "-").replace(/日$/, "").replace(/-$/, "");
  const full = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) || /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (full) {
    return realDay(Number(full[1]), Number(full[2]), Number(full[3]));
  }
  const short = /^(\d{1,2})-(\d{1,2})$/.exec(text) || /^(\d{1,2})(\d{2})$/.exec(text);
  if (!short) {
    return null;
  }
  const thisYear = realDay(today.getFullYear(), Number(short[1]), Number(short[2]));
  if (thisYear && thisYear <= daysBefore(today, -ahead)) {
    return thisYear;
  }
  return realDay(today.getFullYear() - 1, Number(short[1]), Number(short[2])) || thisYear;
}
