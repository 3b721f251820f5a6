// Values to slots and back. What does not fit gives -1 or NaN, and the request goes the long way.

/** The request and the answer as numbers, and the texts to which the request refers. */
let asked;
let answer;
const texts = [];
let textCount = 0;
let next = 0;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
let lastId;

/** The position of an id among the texts; equal ids have equal positions. */
function id(value) {
  if (value !== lastId) {
    if (typeof value !== "string" || !UUID.test(value)) return -1;
    lastId = value;
  }
  for (let position = 0; position < textCount; position += 1) if (texts[position] === value) return position;
  texts[textCount] = value;
  textCount += 1;
  return textCount - 1;
}

function text(value) {
  if (typeof value !== "string" || !value.isWellFormed()) return -1;
  texts[textCount] = value;
  textCount += 1;
  return textCount - 1;
}

function currency(value) {
  if (typeof value !== "string" || value.length !== 3) return -1;
  let digits = 0;
  for (let position = 0; position < 3; position += 1) {
    const letter = value.charCodeAt(position) - 65;
    if (letter < 0 || letter > 25) return -1;
    digits = digits * 26 + letter;
  }
  return digits;
}

// The instants of the last requests: the same ones come again and again.
const KEPT = 4;
const keptTexts = new Array(KEPT).fill("");
const keptMillis = new Float64Array(KEPT).fill(NaN);
let keep = 0;

/** Milliseconds of an instant; NaN for what is none, or is written in another way than answers are. */
function instant(value) {
  if (typeof value === "string") {
    for (let kept = 0; kept < KEPT; kept += 1) if (keptTexts[kept] === value) return keptMillis[kept];
    const millis = parsed(value);
    keep = (keep + 1) % KEPT;
    keptTexts[keep] = millis === millis ? value : "";
    keptMillis[keep] = millis;
    return millis;
  }
  return value instanceof Date ? value.getTime() : NaN;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `2026-03-01T12:00:00.000Z`, or without the milliseconds: `Date.parse` takes more, and 30 February for 2 March. */
function parsed(value) {
  const { length } = value;
  if (length !== 24 && length !== 20) return NaN;
  const sign = (position, code) => value.charCodeAt(position) === code;
  const fits = sign(4, 45) && sign(7, 45) && sign(10, 84) && sign(13, 58) && sign(16, 58) && sign(length - 1, 90);
  if (!fits || (length === 24 && !sign(19, 46))) return NaN;
  const year = two(value, 0) * 100 + two(value, 2);
  const month = two(value, 5);
  const day = two(value, 8);
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= DAYS[month - 1] + leap)) return NaN;
  const hour = two(value, 11);
  const minute = two(value, 14);
  const second = two(value, 17);
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  const milli = length === 24 ? two(value, 20) * 10 + digit(value, 22) : 0;
  // Days since 1970-01-01 in years that begin in March, so that a leap day ends one.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const days = era * 146097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719468;
  return ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + milli;
}

function two(value, position) {
  return digit(value, position) * 10 + digit(value, position + 1);
}

function digit(value, position) {
  const found = value.charCodeAt(position) - 48;
  return found >= 0 && found <= 9 ? found : NaN;
}

/** An instant as answers write it. */
function instantText(millis) {
  for (let kept = 0; kept < KEPT; kept += 1) {
    if (keptMillis[kept] === millis) {
      const written = keptTexts[kept];
      return written.length === 24 ? written : `${written.slice(0, 19)}.000Z`;
    }
  }
  return new Date(millis).toISOString();
}

/** A map from the words of a vocabulary to their positions. */
function positions(words) {
  return new Map(words.map((word, position) => [word, position]));
}

/** Numbers that are not there. */
function missing(at, count) {
  for (let slot = at; slot < at + count; slot += 1) asked[slot] = NaN;
  return at + count;
}

/** Passes over a slot that says that something is not there. */
function skip(absent) {
  next += 1;
  return absent;
}
