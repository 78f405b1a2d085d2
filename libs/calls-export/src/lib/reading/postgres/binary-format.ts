/**
 * Parses PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, "Binary
 * Format").
 */

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** The signature, 4 bytes of flags and the 4-byte length of an extension. */
const HEADER_BYTES = SIGNATURE.length + 8;
/** Follows the last row, in place of a number of fields. */
export const TRAILER = -1;
/** Returned as an offset if more bytes are needed. */
export const INCOMPLETE = -1;

/** PostgreSQL's epoch, 2000-01-01, in seconds since 1970-01-01. */
const EPOCH_2000 = 946_684_800;
/** 2^32, and 2^32 microseconds as whole seconds and the remaining microseconds. */
const HIGH = 4_294_967_296;
const [HIGH_SECONDS, HIGH_MICROS] = [4294, 967_296];
/** 2^53 / 2^32: the high halves of integers that a number represents exactly. */
const SAFE_HIGH = 0x20_0000;

/**
 * Returns the offset after the header, or `INCOMPLETE`.
 *
 * @throws Error if the data has another format.
 */
export function headerEnd(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return INCOMPLETE;
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    throw new Error('The database sent data that is not in binary COPY format');
  }
  const end = HEADER_BYTES + bytes.readInt32BE(HEADER_BYTES - 4);
  return end <= bytes.length ? end : INCOMPLETE;
}

/** Returns the offset after the row that begins at `begin`, or `INCOMPLETE`. */
export function rowEnd(bytes: Buffer, begin: number): number {
  let at = begin + 2;
  for (let count = bytes.readInt16BE(begin); count > 0; count--) {
    if (at + 4 > bytes.length) return INCOMPLETE;
    at += 4 + Math.max(int32(bytes, at), 0);
  }
  return at <= bytes.length ? at : INCOMPLETE;
}

/** Reads a 32-bit integer, such as the length of a field. */
export function int32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Reads an integer of 2, 4 or 8 bytes; a bigint if a number would not be exact. */
export function integer(bytes: Buffer, at: number, length: number): number | bigint {
  if (length === 4) return int32(bytes, at);
  if (length === 2) return bytes.readInt16BE(at);
  if (length !== 8) throw new Error(`The database sent an integer of ${length} bytes`);
  const high = int32(bytes, at);
  if (high < -SAFE_HIGH || high >= SAFE_HIGH) return bytes.readBigInt64BE(at);
  return high * HIGH + (int32(bytes, at + 4) >>> 0);
}

/**
 * Reads a time, in microseconds since 2000, and returns whole seconds since 1970.
 *
 * A number holds the microseconds exactly only for the years 1715 to 2285, so the two halves are divided
 * separately. `infinity` and `-infinity` are the maximum and minimum 64-bit integers.
 */
export function secondsOf(bytes: Buffer, at: number, length: number): number {
  if (length !== 8) throw new Error(`The database sent a time of ${length} bytes`);
  const high = int32(bytes, at);
  const micros = high * HIGH_MICROS + (int32(bytes, at + 4) >>> 0);
  return high * HIGH_SECONDS + Math.floor(micros / 1e6) + EPOCH_2000;
}
