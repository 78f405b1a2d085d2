/**
 * The maximum length of a cell in UTF-16 units (https://support.microsoft.com/office, "Excel specifications
 * and limits").
 */
const CHARACTERS_MAX = 32_767;

/**
 * Returns where to truncate a UTF-8 text so that it fits into a cell together with an ellipsis.
 *
 * @returns `end` if the complete text fits.
 */
export function truncatedEnd(source: Buffer, start: number, end: number): number {
  // Every UTF-16 unit takes at least one byte of UTF-8.
  if (end - start <= CHARACTERS_MAX) return end;
  let characters = 0;
  let cut = end;
  for (let at = start; at < end; at++) {
    const byte = source[at] as number;
    // A continuation byte.
    if ((byte & 0xc0) === 0x80) continue;
    const next = characters + (byte >= 0xf0 ? 2 : 1);
    if (next > CHARACTERS_MAX - 1 && cut === end) cut = at;
    if (next > CHARACTERS_MAX) return cut;
    characters = next;
  }
  return end;
}
