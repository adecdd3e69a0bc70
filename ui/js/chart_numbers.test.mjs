import assert from "node:assert/strict";
import { test } from "node:test";

import { compact, pyramidSides } from "./chart_numbers.js";

test("from 100,000 on a Chinese axis counts in 万", () => {
  assert.equal(compact(124000, "zh-CN"), "12.4万");
  assert.equal(compact(200000, "zh-CN"), "20万");
  assert.equal(compact(99999, "zh-CN"), "99,999");
  assert.equal(compact(124000, "en"), "124k");
});

test("the left side of a pyramid grows to the left", () => {
  const data = { left: { values: [3, 5] }, right: { values: [4, 6] } };
  assert.deepEqual(pyramidSides(data), [[-3, -5], [4, 6]]);
});
