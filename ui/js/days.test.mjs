import assert from "node:assert/strict";
import { test } from "node:test";

import { isoDay, parseDay } from "./days.js";

const TODAY = new Date(2026, 10, 22);
const CASES = [
  ["1120", "2026-11-20"],
  ["11-20", "2026-11-20"],
  ["20261120", "2026-11-20"],
  ["2026.11.20", "2026-11-20"],
  ["2026年11月20日", "2026-11-20"],
  ["１１２０", "2026-11-20"],
  ["-2", "2026-11-20"],
  ["+3", "2026-11-25"],
  ["昨天", "2026-11-21"],
  ["前天", "2026-11-20"],
  ["1223", "2026-12-23"],
  ["1224", "2025-12-24"],
  ["0101", "2026-01-01"],
];

for (const [typed, day] of CASES) {
  test(`${typed} means ${day} on 2026-11-22`, () => {
    assert.equal(isoDay(parseDay(typed, TODAY)), day);
  });
}

test("what is no date stays unread", () => {
  for (const typed of ["", "1340", "20260230", "abc", "12345678901"]) {
    assert.equal(parseDay(typed, TODAY), null, typed);
  }
});
