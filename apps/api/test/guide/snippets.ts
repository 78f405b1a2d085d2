import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A fenced block of the guide. */
export interface Snippet {
  /** The heading, the language, and the number if there are several: `pandas: python 2`. */
  readonly name: string;
  readonly text: string;
}

/** The snippets of `docs/using-the-file.md`. Tracks which ones the tests have taken. */
export class Guide {
  private readonly snippets: Snippet[];
  private readonly taken = new Set<string>();

  constructor() {
    const file = resolve(__dirname, '../../../../docs/using-the-file.md');
    this.snippets = snippetsOf(readFileSync(file, 'utf8'));
  }

  /** @throws Error if the guide has no such snippet. */
  take(name: string): Snippet {
    const snippet = this.snippets.find((found) => found.name === name);
    if (!snippet) throw new Error(`docs/using-the-file.md has no snippet "${name}"`);
    this.taken.add(name);
    return snippet;
  }

  /** The names of the snippets that no test has taken. */
  get left(): string[] {
    return this.snippets.map(({ name }) => name).filter((name) => !this.taken.has(name));
  }
}

export function snippetsOf(markdown: string): Snippet[] {
  const counts = new Map<string, number>();
  const blocks = markdown.matchAll(/^#+ (.+)$|^```(\w*)\n([^]*?)^```$/gm);
  let heading = '';
  const snippets: Snippet[] = [];
  for (const [, title, language, text] of blocks) {
    if (title !== undefined) {
      heading = title;
      continue;
    }
    const name = `${heading}: ${language}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    snippets.push({ name: count === 1 ? name : `${name} ${count}`, text: text as string });
  }
  return snippets;
}
