import { cutOff } from './cell-limit';

/** Where a text among others is cut, from its beginning on; undefined if it is not. */
function cutOf(text: string): number | undefined {
  const source = Buffer.from(`before${text}behind`);
  const [start, end] = ['before'.length, 'before'.length + Buffer.byteLength(text)];
  const cut = cutOff(source, start, end);
  return cut === end ? undefined : cut - start;
}

describe('cutOff', () => {
  it.each([
    ['nothing', ''],
    ['32,767 characters of a byte', 'x'.repeat(32_767)],
    ['32,767 characters of two bytes', 'é'.repeat(32_767)],
    ['32,767 characters of three bytes', '☎'.repeat(32_767)],
    ['32,767 halves of characters of four bytes', `${'😀'.repeat(16_383)}x`],
    ['the last character of three bytes', '\uffef'.repeat(32_767)],
  ])('takes %s as they are, whatever follows', (_, text) => {
    expect(cutOf(text)).toBeUndefined();
  });

  it.each([
    ['x'.repeat(32_768), 32_766],
    ['é'.repeat(32_768), 2 * 32_766],
    ['☎'.repeat(32_768), 3 * 32_766],
    ['😀'.repeat(16_384), 4 * 16_383],
    [`${'😀'.repeat(16_383)}xx`, 4 * 16_383],
    [`${'é'.repeat(32_766)}😀`, 2 * 32_766],
    // The character at the limit would be torn.
    [`x${'😀'.repeat(16_383)}x`, 1 + 4 * 16_382],
    [`${'x'.repeat(32_765)}😀x`, 32_765],
  ])('leaves room for an ellipsis in a longer text', (text, cut) => {
    expect(cutOf(text)).toBe(cut);
  });
});
