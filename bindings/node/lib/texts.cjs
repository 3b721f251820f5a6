"use strict";

const NOTHING = new Uint8Array(0);
const UTF8 = new TextDecoder();

/**
 * A column of texts: row `n` stands in `bytes` (UTF-8) from `offsets[n]` to `offsets[n + 1]`, and the bit `n` of `valid` says
 * whether it is there; an empty `valid` means that all are. This is the layout of Arrow's Utf8.
 */
class Texts {
  constructor({ offsets, bytes, valid }) {
    this.offsets = offsets;
    this.bytes = bytes;
    this.valid = valid ?? NOTHING;
  }

  get length() {
    return Math.max(this.offsets.length - 1, 0);
  }

  /** The text of a row; null where it is missing. */
  at(row) {
    if (!(row >= 0 && row < this.length) || !present(this.valid, row)) return null;
    return UTF8.decode(this.bytes.subarray(this.offsets[row], this.offsets[row + 1]));
  }

  /** All texts; null where one is missing. */
  toArray() {
    const { offsets, bytes, valid, length } = this;
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    // Where all is ASCII a position in the bytes is a position in the text.
    const plain = bytes.every((byte) => byte < 128);
    return Array.from({ length }, (_, row) => {
      if (!present(valid, row)) return null;
      return plain ? whole.slice(offsets[row], offsets[row + 1]) : this.at(row);
    });
  }

  [Symbol.iterator]() {
    return this.toArray()[Symbol.iterator]();
  }

  toJSON() {
    return this.toArray();
  }
}

function present(valid, row) {
  return valid.length === 0 || ((valid[row >> 3] >> (row & 7)) & 1) === 1;
}

/** The parts of a column of texts from a list; `undefined` where a value is no text. Whole numbers are written as texts. */
function parts(values) {
  const offsets = new Int32Array(values.length + 1);
  let bytes = Buffer.allocUnsafeSlow(values.length * 16 + 64);
  let valid = NOTHING;
  let end = 0;
  for (let row = 0; row < values.length; row += 1) {
    let value = values[row];
    if (value === null || value === undefined) {
      if (valid.length === 0) valid = new Uint8Array((values.length + 7) >> 3).fill(255);
      valid[row >> 3] &= ~(1 << (row & 7));
      offsets[row + 1] = end;
      continue;
    }
    if (typeof value === "bigint" || Number.isSafeInteger(value)) value = String(value);
    if (typeof value !== "string") return undefined;
    if (end + value.length * 3 > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(bytes.length * 2 + value.length * 3);
      bytes.copy(larger, 0, 0, end);
      bytes = larger;
    }
    end += bytes.write(value, end);
    offsets[row + 1] = end;
  }
  return { offsets, bytes: bytes.subarray(0, end), valid };
}

/** Whether these are the parts of a column of texts already. */
function areParts(values) {
  return values?.offsets instanceof Int32Array && values.bytes instanceof Uint8Array;
}

module.exports = { NOTHING, Texts, areParts, parts };
