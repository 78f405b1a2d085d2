import type { Cell } from '../formats/file-format';
import type { ColumnKind } from '../model/export-column';

/**
 * What a file has for a value of an entity.
 *
 * @param value as the property has it. A decimal may be a number, its digits, or an object of a library for numbers. A time may be a `Date`, or whatever `new Date()` takes: an object of a date library, milliseconds since
 *   1970, or a text.
 * @returns undefined if the value is not of the kind.
 */
export function toCell(kind: ColumnKind, value: unknown): Cell | undefined {
  if (value === null || value === undefined) return null;
  return MAKERS[kind](value);
}

const MAKERS: Readonly<Record<ColumnKind, (value: unknown) => Cell | undefined>> = {
  integer: toInteger,
  decimal: toDecimal,
  boolean: toBoolean,
  text: toText,
  time: toTime,
};

/** Of 64 bits, with a sign or without one. */
const [MIN_INTEGER, MAX_INTEGER] = [-(2n ** 63n), 2n ** 64n - 1n];

/** A number, or a bigint where a number would not be exact. */
function toInteger(value: unknown): number | bigint | undefined {
  const isInteger =
    typeof value === 'bigint' ||
    (typeof value === 'string' ? /^-?\d+$/.test(value) : Number.isInteger(value));
  if (!isInteger) return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(value as number | bigint | string);
  return exact >= MIN_INTEGER && exact <= MAX_INTEGER ? exact : undefined;
}

const DECIMAL = /^([+-]?)(?=\.?\d)0*(\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** As its digits, in the notation of JSON's numbers (RFC 8259, section 6), of which none is lost. */
function toDecimal(value: unknown): string | undefined {
  if (!['number', 'bigint', 'string', 'object'].includes(typeof value) || Array.isArray(value)) {
    return undefined;
  }
  const [, sign, whole, fraction = '', exponent = ''] = DECIMAL.exec(String(value)) ?? [];
  // Of the zeros before the point one is left.
  if (whole === undefined) return undefined;
  return `${sign === '-' ? '-' : ''}${whole || '0'}${fraction}${exponent}`;
}

/** The numbers 0 and 1 are truth values where the database has no type for these. */
function toBoolean(value: unknown): boolean | undefined {
  const text = Buffer.isBuffer(value) && value.length === 1 ? String(value[0]) : String(value);
  if (text === '1' || text === 'true') return true;
  return text === '0' || text === 'false' ? false : undefined;
}

/** Half of a character, as where a mask cuts through one: UTF-8 has no bytes for it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return LONE_SURROGATE.test(value) ? Buffer.from(value).toString() : value;
  }
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

/** As `2023-10-30T10:00:00`, in UTC. */
function toTime(value: unknown): string | undefined {
  if (!['object', 'number', 'string'].includes(typeof value) || Array.isArray(value)) {
    return undefined;
  }
  const date = new Date(value as Date | number | string);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString().slice(0, -5) : undefined;
}
