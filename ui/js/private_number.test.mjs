import assert from "node:assert/strict";
import { test } from "node:test";

import { isPrivateNumber } from "./private_number.js";

test("ID and phone numbers are private, in any spelling", () => {
  for (const text of ["520322199103121237", "52032219910312123x", "138 1234 5621", "５２０３２２１９９１０３１２１２３７", "110105491231002"]) {
    assert.equal(isPrivateNumber(text), true, text);
  }
});

test("addresses and file numbers of up to ten digits are not", () => {
  for (const text of ["锦绣花园 3-2-501", "20261118", "RC-2026-0112"]) {
    assert.equal(isPrivateNumber(text), false, text);
  }
});
