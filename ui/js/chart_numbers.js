// Numbers of charts. Pure functions, so `node --test` can read them.

/** Axis labels: 12.4万 from 100,000 on in a Chinese page, 124k otherwise; thousands separators below. */
export function compact(value, language = typeof document === "undefined" ? "zh-CN" : document.documentElement.lang) {
  if (Math.abs(value) < 100000) {
    return Number(value).toLocaleString("en-US");
  }
  return language.startsWith("zh") ? `${trim(value / 10000)}万` : `${trim(value / 1000)}k`;
}

function trim(number) {
  return number.toFixed(1).replace(/\.0$/, "");
}

/** The left side of a population pyramid grows to the left, so its numbers turn negative. */
export function pyramidSides(data) {
  return [data.left.values.map((value) => -value), data.right.values];
}
