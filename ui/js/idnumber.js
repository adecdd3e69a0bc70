// GB 11643-1999 citizen identity numbers. Pure functions: no document, so `node --test` can read them.
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = "10X98765432";
const PROVINCES = {
  11: "北京市", 12: "天津市", 13: "河北省", 14: "山西省", 15: "内蒙古自治区",
  21: "辽宁省", 22: "吉林省", 23: "黑龙江省",
  31: "上海市", 32: "江苏省", 33: "浙江省", 34: "安徽省", 35: "福建省", 36: "江西省", 37: "山东省",
  41: "河南省", 42: "湖北省", 43: "湖南省", 44: "广东省", 45: "广西壮族自治区", 46: "海南省",
  50: "重庆市", 51: "四川省", 52: "贵州省", 53: "云南省", 54: "西藏自治区",
  61: "陕西省", 62: "甘肃省", 63: "青海省", 64: "宁夏回族自治区", 65: "新疆维吾尔自治区",
  71: "台湾省", 81: "香港特别行政区", 82: "澳门特别行政区", 83: "台湾省",
};

/** Full-width digits and letters become ASCII, blanks and hyphens go, a final x or × becomes X. */
export function normalizeId(raw) {
  const ascii = raw.replace(/[\uFF01-\uFF5E]/g, (ch) => String.fromCharCode(ch.charCodeAt(0) - 0xfee0));
  return ascii.replace(/[\s\u3000\-—–]/g, "").replace(/[x×]$/i, "X").toUpperCase();
}

/** The 18th character that belongs to 17 digits. */
export function checkCharacter(digits) {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return CHECK_CHARACTERS[sum % 11];
}

/** A number of the first generation (15 digits, all of the 1900s) as its 18-character form. */
export function upgradeFifteen(fifteen) {
  const seventeen = `${fifteen.slice(0, 6)}19${fifteen.slice(6)}`;
  return seventeen + checkCharacter(seventeen);
}

function birthOf(digits, today) {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].map(Number);
  const date = new Date(year, month - 1, day);
  const exists = date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day;
  return exists && year >= 1900 && date <= today ? date : null;
}

function ageOn(birth, today) {
  const had = today >= new Date(today.getFullYear(), birth.getMonth(), birth.getDate());
  return today.getFullYear() - birth.getFullYear() - (had ? 0 : 1);
}

/**
 * What can be said about the characters typed so far.
 * `problem` is a message key or ""; `ok` is true only for 18 characters that pass every check;
 * `upgraded` holds the 18-character form when 15 digits of the first generation were typed.
 */
export function parseId(raw, today = new Date()) {
  const id = normalizeId(raw);
  const found = { id, length: id.length, ok: false, problem: "", province: "", birth: "", age: null, sex: "", upgraded: "" };
  if (!/^\d{0,17}[\dX]?$/.test(id)) {
    return { ...found, problem: "id_characters" };
  }
  if (id.length >= 2) {
    found.province = PROVINCES[id.slice(0, 2)] || "";
    found.problem = found.province ? "" : "id_province";
  }
  if (id.length === 15 && birthOf(`19${id.slice(6, 12)}`, today)) {
    found.upgraded = upgradeFifteen(id);
  }
  if (id.length >= 14 && !found.problem) {
    const birth = birthOf(id.slice(6, 14), today);
    if (birth) {
      found.birth = `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`;
      found.age = ageOn(birth, today);
    } else if (!found.upgraded) {
      found.problem = "id_birth";
    }
  }
  if (id.length >= 17) {
    found.sex = Number(id[16]) % 2 ? "M" : "F";
  }
  if (id.length === 18 && !found.problem) {
    found.ok = checkCharacter(id) === id[17];
    found.problem = found.ok ? "" : "id_check";
  }
  return found;
}

/** 520322 19910312 1237: the groups in which a clerk reads a card. */
export function groupId(id) {
  return id.replace(/^(.{6})(.{1,8})?(.*)?$/, (_, area, birth, rest) => [area, birth, rest].filter(Boolean).join(" "));
}
