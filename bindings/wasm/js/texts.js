// Columns of texts: bytes with offsets, in the layout of Arrow's Utf8.

const NOTHING = new Uint8Array(0);
const UTF8 = new TextDecoder();

/**
 * A column of texts: row `n` stands in `bytes` (UTF-8) from `offsets[n]` to `offsets[n + 1]`, and the bit `n` of `valid` says
 * whether it is there; an empty `valid` means that all are.
 */
export class Texts {
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
    return Array.from({ length: this.length }, (_, row) => this.at(row));
  }

  [Symbol.iterator]() {
    return this.toArray()[Symbol.iterator]();
  }

  toJSON() {
    return this.toArray();
  }
}

/** Texts that come in parts. */
Texts.Parts = class {
  constructor() {
    this.parts = [];
  }

  /** Adds a copy of what stands in the memory of the instance. */
  append(offsets, bytes, valid) {
    this.parts.push({ offsets: offsets.slice(), bytes: bytes.slice(), valid: valid.slice() });
  }

  whole() {
    const { parts: all } = this;
    if (all.length === 1) return new Texts(all[0]);
    const rows = all.reduce((sum, { offsets }) => sum + offsets.length - 1, 0);
    const offsets = new Int32Array(rows + 1);
    const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.bytes.length, 0));
    const valid = all.some((part) => part.valid.length) ? new Uint8Array((rows + 7) >> 3).fill(255) : NOTHING;
    let row = 0;
    let end = 0;
    for (const part of all) {
      bytes.set(part.bytes, end);
      for (let at = 1; at < part.offsets.length; at++) {
        if (!present(part.valid, at - 1)) valid[row >> 3] &= ~(1 << (row & 7));
        row += 1;
        offsets[row] = end + part.offsets[at];
      }
      end += part.bytes.length;
    }
    return new Texts({ offsets, bytes, valid });
  }
};

function present(valid, row) {
  return valid.length === 0 || ((valid[row >> 3] >> (row & 7)) & 1) === 1;
}

/** The bits of some rows, from the first bit on. */
export function bitsOf(valid, start, end) {
  const bits = new Uint8Array((end - start + 7) >> 3);
  for (let row = start; row < end; row++) if (present(valid, row)) bits[(row - start) >> 3] |= 1 << ((row - start) & 7);
  return bits;
}

/** The parts of a column of texts from a list; `undefined` where a value is no text. Whole numbers are written as texts. */
export function parts(values) {
  const encoder = new TextEncoder();
  const offsets = new Int32Array(values.length + 1);
  let bytes = new Uint8Array(values.length * 16 + 64);
  let valid = NOTHING;
  let end = 0;
  for (let row = 0; row < values.length; row++) {
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
      const larger = new Uint8Array(bytes.length * 2 + value.length * 3);
      larger.set(bytes.subarray(0, end));
      bytes = larger;
    }
    end += encoder.encodeInto(value, bytes.subarray(end)).written;
    offsets[row + 1] = end;
  }
  return { offsets, bytes: bytes.subarray(0, end), valid };
}

/** Whether these are the parts of a column of texts already. */
export function areParts(values) {
  return values?.offsets instanceof Int32Array && values.bytes instanceof Uint8Array;
}
