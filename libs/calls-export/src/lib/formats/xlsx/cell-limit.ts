/** The characters that a cell holds, in UTF-16 (https://support.microsoft.com/office, "Excel specifications and limits"). */
const CHARACTERS_MAX = 32_767;

/**
 * Where a text of UTF-8 must be cut so that with one more character, an ellipsis, it fits into a cell.
 *
 * @returns `end` if it fits as it is.
 */
export function cutOff(source: Buffer, start: number, end: number): number {
  // A character of UTF-16 has a byte at least.
  if (end - start <= CHARACTERS_MAX) return end;
  let characters = 0;
  let cut = end;
  for (let at = start; at < end; at++) {
    const byte = source[at] as number;
    // Not the beginning of a character.
    if ((byte & 0xc0) === 0x80) continue;
    const next = characters + (byte >= 0xf0 ? 2 : 1);
    if (next > CHARACTERS_MAX - 1 && cut === end) cut = at;
    if (next > CHARACTERS_MAX) return cut;
    characters = next;
  }
  return end;
}
