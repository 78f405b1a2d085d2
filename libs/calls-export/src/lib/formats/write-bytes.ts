/*
 * Functions that write values as ASCII into a buffer and return the position after the last byte written.
 * The buffer must have enough space: V8 permanently deoptimizes a function that has written out of bounds.
 * They create no objects, because they run once per cell.
 */

const [QUOTE, MINUS, ZERO, COLON] = [0x22, 0x2d, 0x30, 0x3a];
const UUID_BYTES = 16;
const DAY_SECONDS = 86_400;
const DAY_MS = 1000 * DAY_SECONDS;

/** The length of the longest value: a UUID in quotes has 38 characters, a time 21, a 64-bit integer 20. */
export const VALUE_BYTES_MAX = 38;
const [TRUE, FALSE] = [Buffer.from('true'), Buffer.from('false')];

/** The digits of 00 to 99, two bytes each. */
const DIGIT_PAIRS = Buffer.from(
  Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0')).join(''),
);
/** Scratch space for the digits of an integer, filled from the end. */
const digits = Buffer.alloc(VALUE_BYTES_MAX);
/** The hexadecimal digits of 00 to ff, two bytes each. */
const HEX_PAIRS = Buffer.from(
  Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join(''),
);

/** The day that was written last, cached because consecutive calls usually have the same day. */
let lastDay = NaN;
const lastDayText = Buffer.alloc('2023-10-30T'.length);

export function writeConstant(bytes: Buffer, at: number, constant: Uint8Array): number {
  for (let i = 0; i < constant.length; i++) bytes[at++] = constant[i] as number;
  return at;
}

export function writeInteger(bytes: Buffer, at: number, value: number | bigint): number {
  if (typeof value === 'bigint') return at + bytes.write(String(value), at);
  let rest = value;
  if (rest < 0) {
    bytes[at++] = MINUS;
    rest = -rest;
  }
  let first = digits.length;
  while (rest >= 100) {
    const hundreds = Math.floor(rest / 100);
    const pair = 2 * (rest - 100 * hundreds);
    digits[--first] = DIGIT_PAIRS[pair + 1] as number;
    digits[--first] = DIGIT_PAIRS[pair] as number;
    rest = hundreds;
  }
  if (rest >= 10) {
    digits[--first] = DIGIT_PAIRS[2 * rest + 1] as number;
    digits[--first] = DIGIT_PAIRS[2 * rest] as number;
  } else {
    digits[--first] = ZERO + rest;
  }
  while (first < digits.length) bytes[at++] = digits[first++] as number;
  return at;
}

export function writeBoolean(bytes: Buffer, at: number, value: boolean): number {
  return writeConstant(bytes, at, value ? TRUE : FALSE);
}

/**
 * Writes a time in quotes: `"2023-10-30T10:00:00"`.
 *
 * @param seconds since 1970-01-01T00:00:00Z, in the years 1 to 9999.
 */
export function writeTime(bytes: Buffer, at: number, seconds: number): number {
  bytes[at++] = QUOTE;
  at = writePlainTime(bytes, at, seconds);
  bytes[at++] = QUOTE;
  return at;
}

/** Like `writeTime`, without quotes. */
export function writePlainTime(bytes: Buffer, at: number, seconds: number): number {
  const day = Math.floor(seconds / DAY_SECONDS);
  if (day !== lastDay) {
    lastDayText.write(new Date(day * DAY_MS).toISOString());
    lastDay = day;
  }
  const ofDay = seconds - day * DAY_SECONDS;
  const hours = (ofDay / 3600) | 0;
  const minutes = ((ofDay - 3600 * hours) / 60) | 0;
  at = writeConstant(bytes, at, lastDayText);
  at = writePair(bytes, at, hours);
  bytes[at++] = COLON;
  at = writePair(bytes, at, minutes);
  bytes[at++] = COLON;
  return writePair(bytes, at, ofDay - 3600 * hours - 60 * minutes);
}

/** Writes 16 bytes as a UUID in quotes: `"0b5c0a1e-0000-4000-8000-000000000001"` (RFC 9562, section 4). */
export function writeUuid(bytes: Buffer, at: number, source: Buffer, start: number): number {
  bytes[at++] = QUOTE;
  at = writePlainUuid(bytes, at, source, start);
  bytes[at++] = QUOTE;
  return at;
}

/** Like `writeUuid`, without quotes. */
export function writePlainUuid(bytes: Buffer, at: number, source: Buffer, start: number): number {
  for (let index = 0; index < UUID_BYTES; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) bytes[at++] = MINUS;
    const pair = 2 * (source[start + index] as number);
    bytes[at++] = HEX_PAIRS[pair] as number;
    bytes[at++] = HEX_PAIRS[pair + 1] as number;
  }
  return at;
}

function writePair(bytes: Buffer, at: number, number: number): number {
  bytes[at] = DIGIT_PAIRS[2 * number] as number;
  bytes[at + 1] = DIGIT_PAIRS[2 * number + 1] as number;
  return at + 2;
}
