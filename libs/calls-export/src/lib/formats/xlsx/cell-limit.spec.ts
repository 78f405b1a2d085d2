import { truncatedEnd } from './cell-limit';

/** Returns where a text is truncated, from its start, or undefined if it is not. */
function truncatedAt(text: string): number | undefined {
  const source = Buffer.from(`before${text}behind`);
  const [start, end] = ['before'.length, 'before'.length + Buffer.byteLength(text)];
  const cut = truncatedEnd(source, start, end);
  return cut === end ? undefined : cut - start;
}

describe('truncatedEnd', () => {
  it.each([
    ['nothing', ''],
    ['32,767 characters of one byte', 'x'.repeat(32_767)],
    ['32,767 characters of two bytes', 'é'.repeat(32_767)],
    ['32,767 characters of three bytes', '☎'.repeat(32_767)],
    ['32,767 UTF-16 units, most of characters of four bytes', `${'😀'.repeat(16_383)}x`],
    ['32,767 times U+FFEF', '\uffef'.repeat(32_767)],
  ])('does not truncate %s, whatever follows', (_, text) => {
    expect(truncatedAt(text)).toBeUndefined();
  });

  it.each([
    ['x'.repeat(32_768), 32_766],
    ['é'.repeat(32_768), 2 * 32_766],
    ['☎'.repeat(32_768), 3 * 32_766],
    ['😀'.repeat(16_384), 4 * 16_383],
    [`${'😀'.repeat(16_383)}xx`, 4 * 16_383],
    [`${'é'.repeat(32_766)}😀`, 2 * 32_766],
    // A character at the limit is not split.
    [`x${'😀'.repeat(16_383)}x`, 1 + 4 * 16_382],
    [`${'x'.repeat(32_765)}😀x`, 32_765],
  ])('leaves space for an ellipsis in a longer text (case %#)', (text, cut) => {
    expect(truncatedAt(text)).toBe(cut);
  });
});
