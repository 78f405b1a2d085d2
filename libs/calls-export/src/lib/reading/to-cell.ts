import type { Cell } from '../formats/file-format';
import type { ColumnKind } from '../model/export-column';

/**
 * What a file has for a value of an entity.
 *
 * @param value as the property has it. A time may be a `Date`, or whatever `new Date()` takes: an object of a date library, milliseconds since
 *   1970, or a text.
 * @returns undefined if the value is not of the kind.
 */
export function toCell(kind: ColumnKind, value: unknown): Cell | undefined {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'integer':
      return toInteger(value);
    case 'text':
      return toText(value);
    case 'time':
      return toTime(value);
    default:
      return kind satisfies never;
  }
}

/** A number, or a bigint where a number would not be exact. */
function toInteger(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    return Number.isInteger(value) ? BigInt(value) : undefined;
  }
  if (typeof value === 'string' && !/^-?\d+$/.test(value)) return undefined;
  if (typeof value !== 'string' && typeof value !== 'bigint') return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
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
