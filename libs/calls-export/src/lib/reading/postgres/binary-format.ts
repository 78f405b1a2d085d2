/**
 * PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"): where its parts
 * end, and the values of fields.
 */

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** The signature, 4 bytes of flags, and 4 bytes with the length of an extension. */
const HEADER_BYTES = SIGNATURE.length + 8;
/** Stands in the place of the number of fields, behind the last row. */
export const TRAILER = -1;
/** What an offset is whose bytes are yet to come. */
export const INCOMPLETE = -1;

/** In seconds from 1970-01-01 to 2000-01-01, from which PostgreSQL counts. */
const EPOCH_2000 = 946_684_800;
/** 2^32, and it in whole seconds and microseconds. */
const HIGH = 4_294_967_296;
const [HIGH_SECONDS, HIGH_MICROS] = [4294, 967_296];
/** Within so many times 2^32 a number is exact: 2^53. */
const SAFE_HIGH = 0x20_0000;

/** Where the header ends, or `INCOMPLETE`. */
export function headerEnd(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return INCOMPLETE;
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    throw new Error('The database sent something else than binary COPY data');
  }
  const end = HEADER_BYTES + bytes.readInt32BE(HEADER_BYTES - 4);
  return end <= bytes.length ? end : INCOMPLETE;
}

/** Where the row ends that begins at `begin`, or `INCOMPLETE`. */
export function rowEnd(bytes: Buffer, begin: number): number {
  let at = begin + 2;
  for (let count = bytes.readInt16BE(begin); count > 0; count--) {
    if (at + 4 > bytes.length) return INCOMPLETE;
    at += 4 + Math.max(int32(bytes, at), 0);
  }
  return at <= bytes.length ? at : INCOMPLETE;
}

/** The four bytes of an integer, such as a field's length. */
export function int32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Of 2, 4 or 8 bytes; a bigint if a number would not be exact. */
export function integer(bytes: Buffer, at: number, length: number): number | bigint {
  if (length === 4) return int32(bytes, at);
  if (length === 2) return bytes.readInt16BE(at);
  if (length !== 8) throw new Error(`The database sent an integer of ${length} bytes`);
  const high = int32(bytes, at);
  if (high < -SAFE_HIGH || high >= SAFE_HIGH) return bytes.readBigInt64BE(at);
  return high * HIGH + (int32(bytes, at + 4) >>> 0);
}

/**
 * The whole seconds since 1970 of a time in microseconds since 2000. As one number they would not be exact before 1715 and
 * after 2285, so the two halves are divided by themselves. The infinite times are at the ends of the 64 bits.
 */
export function secondsOf(bytes: Buffer, at: number, length: number): number {
  if (length !== 8) throw new Error(`The database sent a time of ${length} bytes`);
  const high = int32(bytes, at);
  const micros = high * HIGH_MICROS + (int32(bytes, at + 4) >>> 0);
  return high * HIGH_SECONDS + Math.floor(micros / 1e6) + EPOCH_2000;
}
