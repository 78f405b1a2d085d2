import type { Cell } from '../formats/file-format';
import type { ColumnKind } from '../model/export-column';

/**
 * Converts a property's value to a cell.
 *
 * @param value the value of an entity's property. A decimal may be a number, a string, or an object of a
 *   number library. A time may be anything that `new Date()` accepts: a `Date`, an object of a date library,
 *   milliseconds or a string.
 * @returns undefined if the value does not match the kind.
 */
export function toCell(kind: ColumnKind, value: unknown): Cell | undefined {
  if (value === null || value === undefined) return null;
  return CONVERTERS[kind](value);
}

const CONVERTERS: Readonly<Record<ColumnKind, (value: unknown) => Cell | undefined>> = {
  integer: toInteger,
  decimal: toDecimal,
  boolean: toBoolean,
  text: toText,
  time: toTime,
};

/** The range of 64-bit integers, signed and unsigned. */
const [MIN_INTEGER, MAX_INTEGER] = [-(2n ** 63n), 2n ** 64n - 1n];

/** Returns a number, or a bigint if a number would not be exact. */
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

/** Returns a decimal as a JSON number (RFC 8259, section 6), as text, so that no digit is lost. */
function toDecimal(value: unknown): string | undefined {
  if (!['number', 'bigint', 'string', 'object'].includes(typeof value) || Array.isArray(value)) {
    return undefined;
  }
  const [, sign, whole, fraction = '', exponent = ''] = DECIMAL.exec(String(value)) ?? [];
  if (whole === undefined) return undefined;
  return `${sign === '-' ? '-' : ''}${whole || '0'}${fraction}${exponent}`;
}

/** Accepts 0 and 1 as well, for databases without a boolean type. */
function toBoolean(value: unknown): boolean | undefined {
  const text = Buffer.isBuffer(value) && value.length === 1 ? String(value[0]) : String(value);
  if (text === '1' || text === 'true') return true;
  return text === '0' || text === 'false' ? false : undefined;
}

/** Half of a surrogate pair, for example from a mask that splits a character. UTF-8 can't encode it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return LONE_SURROGATE.test(value) ? Buffer.from(value).toString() : value;
  }
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

/** Returns a time as `2023-10-30T10:00:00`, in UTC. */
function toTime(value: unknown): string | undefined {
  if (!['object', 'number', 'string'].includes(typeof value) || Array.isArray(value)) {
    return undefined;
  }
  const date = new Date(value as Date | number | string);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString().slice(0, -5) : undefined;
}
