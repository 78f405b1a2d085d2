import { Page } from './page';

function write(page: Page, text: string): void {
  page.reserve(text.length);
  page.length += page.bytes.write(text, page.length);
}

const textOf = ({ bytes, length }: Page) => bytes.toString('utf8', 0, length);

describe('A page', () => {
  it('starts with the expected size', () => {
    const page = new Page(16);
    expect(page.bytes).toHaveLength(16);
    expect(page.length).toBe(0);
  });

  it('keeps its buffer while there is space', () => {
    const page = new Page(4);
    const { bytes } = page;
    write(page, 'ab');
    write(page, 'cd');
    expect(page.bytes).toBe(bytes);
    expect(textOf(page)).toBe('abcd');
  });

  it.each([
    ['to double its size', 1, 200, 8],
    ['to the required size if that is more', 20, 200, 24],
    ['up to its limit', 1, 6, 6],
    ['beyond its limit if required', 20, 6, 24],
    ['without a limit', 1, undefined, 8],
  ])('grows %s and keeps its contents', (_title, bytes, limit, expected) => {
    const page = new Page(4, limit);
    write(page, 'abcd');
    page.reserve(bytes);
    expect(page.bytes).toHaveLength(expected);
    expect(textOf(page)).toBe('abcd');
  });

  it('holds a text larger than its limit', () => {
    const page = new Page(8, 16);
    const large = 'x'.repeat(100);
    for (const text of ['before', large, 'behind']) write(page, text);
    expect(textOf(page)).toBe(`before${large}behind`);
  });
});
