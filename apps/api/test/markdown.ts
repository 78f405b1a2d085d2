/** A link of a Markdown file. */
export interface MarkdownLink {
  /** Without the fragment; empty for a link to a heading of the same file. */
  readonly path: string;
  /** The part after `#`. */
  readonly fragment?: string;
  readonly title?: string;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

const MAX_COLUMNS = 100;
const MAX_CELL_CHARACTERS = 120;

/** The lines of a Markdown file, without fenced code. */
function proseLines(markdown: string): Line[] {
  let fence: string | undefined;
  return markdown.split('\n').flatMap((text, index) => {
    const [, marker] = /^\s*(?:>\s*)?(`{3,}|~{3,})/.exec(text) ?? [];
    if (marker === undefined) return fence === undefined ? [{ number: index + 1, text }] : [];
    if (fence === undefined) fence = marker;
    else if (marker.startsWith(fence)) fence = undefined;
    return [];
  });
}

const withoutCode = (text: string) => text.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '`code`');

/** The relative links of a Markdown file. */
export function relativeLinks(markdown: string): MarkdownLink[] {
  const text = withoutCode(
    proseLines(markdown)
      .map((line) => line.text)
      .join('\n'),
  );
  const links = text.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"([^"]*)")?\s*\)/g);
  return [...links]
    .filter(([, target]) => !/^[a-z]+:/i.test(target as string))
    .map(([, target, title]) => {
      const [path, fragment] = (target as string).split('#') as [string, string?];
      return { path, fragment, title: title?.replace(/\s+/g, ' ') };
    });
}

/** The fragments by which GitHub links to the headings of a Markdown file. */
export function headingFragments(markdown: string): string[] {
  const counts = new Map<string, number>();
  return proseLines(markdown)
    .map(({ text }) => /^#+ (.+)$/.exec(text)?.[1])
    .filter((heading) => heading !== undefined)
    .map((heading) => {
      const fragment = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
        .replaceAll(' ', '-');
      const count = counts.get(fragment) ?? 0;
      counts.set(fragment, count + 1);
      return count === 0 ? fragment : `${fragment}-${count}`;
    });
}

/** Lines of prose and table cells that are too long, such as `12: 130 columns`. */
export function formatProblems(markdown: string): string[] {
  return proseLines(markdown).flatMap(({ number, text }) => {
    if (/^\s*\|/.test(text)) {
      return cellsOf(text)
        .filter((cell) => cell.length > MAX_CELL_CHARACTERS)
        .map((cell) => `${number}: a cell of ${cell.length} characters`);
    }
    const columns = [...text].length;
    return columns > MAX_COLUMNS && canBeWrapped(text) ? [`${number}: ${columns} columns`] : [];
  });
}

/** The cells of a table row, if it is not the delimiter row. Only the text of a link counts. */
function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/\]\([^)]*\)/g, ']')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
    .filter((cell) => !/^:?-+:?$/.test(cell));
}

/** Headings, HTML, link definitions, and a single word, link or code span can't be wrapped. */
function canBeWrapped(text: string): boolean {
  if (/^\s*(#|<|\[[^\]]+\]:)/.test(text)) return false;
  const content = text.replace(/^\s*(?:>\s*)*(?:(?:[-*+]|\d+\.)\s+)?(?:\[[ x]\] )?/, '');
  return /\s/.test(withoutCode(content).replace(/\[[^\]]*\]\([^)]*\)/g, '[link]'));
}
