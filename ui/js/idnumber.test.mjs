// Numbers made by hand: 11010519491231002X is the example of GB 11643-1999 itself.
import assert from "node:assert/strict";
import { test } from "node:test";

import { checkCharacter, groupId, normalizeId, parseId, upgradeFifteen } from "./idnumber.js";

const TODAY = new Date(2026, 10, 22);

test("the standard's own example passes with its X", () => {
  const found = parseId("11010519491231002X", TODAY);
  assert.equal(found.ok, true);
  assert.equal(found.birth, "1949-12-31");
  assert.equal(found.sex, "F");
  assert.equal(found.province, "北京市");
  assert.equal(found.age, 76);
});

test("full-width digits, blanks and a small x are the same number", () => {
  assert.equal(normalizeId("１１０１０５ 19491231-002ｘ"), "11010519491231002X");
  assert.equal(normalizeId("11010519491231002×"), "11010519491231002X");
});

test("a wrong check character is named as such", () => {
  const found = parseId("110105194912310021", TODAY);
  assert.equal(found.ok, false);
  assert.equal(found.problem, "id_check");
});

test("the 30th of February is no date of birth", () => {
  assert.equal(parseId("11010519490230", TODAY).problem, "id_birth");
});

test("nobody is born tomorrow", () => {
  assert.equal(parseId("11010520261123", TODAY).problem, "id_birth");
  assert.equal(parseId("11010520261122", TODAY).birth, "2026-11-22");
});

test("the first two digits must be a province", () => {
  assert.equal(parseId("99", TODAY).problem, "id_province");
});

test("a letter inside is refused", () => {
  assert.equal(parseId("1101A5", TODAY).problem, "id_characters");
});

test("fifteen digits of the first generation become eighteen characters", () => {
  assert.equal(upgradeFifteen("110105491231002"), "11010519491231002X");
  assert.equal(parseId("110105491231002", TODAY).upgraded, "11010519491231002X");
});

test("the remainder 2 gives the check character X", () => {
  assert.equal(checkCharacter("11010519491231002"), "X");
});

test("digits are shown in the groups of the card", () => {
  assert.equal(groupId("11010519491231002X"), "110105 19491231 002X");
  assert.equal(groupId("1101051949"), "110105 1949");
  assert.equal(groupId("1101"), "1101");
});
