import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { formatProblems, headingFragments, relativeLinks } from './markdown';
import { hasTitle } from './test-titles';
import { readWorkspaceFile, ROOT } from './workspace';

const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'libs/calls-export/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe.each(FILES)('The documentation in %s', (file) => {
  const markdown = readWorkspaceFile(file);
  const links = relativeLinks(markdown).map((link) => ({
    ...link,
    target: link.path === '' ? join(ROOT, file) : resolve(ROOT, dirname(file), link.path),
  }));
  const nameOf = (target: string, detail = '') => relative(ROOT, target) + detail;

  it('only links to files and folders that exist', () => {
    const missing = links.filter(({ target }) => !existsSync(target));
    expect(missing.map(({ target }) => nameOf(target))).toEqual([]);
  });

  it('only links to headings that exist', () => {
    const missing = links.filter(
      ({ target, fragment }) =>
        fragment !== undefined &&
        target.endsWith('.md') &&
        existsSync(target) &&
        !headingFragments(readFileSync(target, 'utf8')).includes(decodeURIComponent(fragment)),
    );
    expect(missing.map(({ target, fragment }) => nameOf(target, `#${fragment}`))).toEqual([]);
  });

  it('only names tests that exist, in the titles of links to test files', () => {
    const missing = links.filter(
      ({ target, title }) =>
        title !== undefined &&
        target.endsWith('.ts') &&
        existsSync(target) &&
        statSync(target).isFile() &&
        !hasTitle(readFileSync(target, 'utf8'), title),
    );
    expect(missing.map(({ target, title }) => nameOf(target, `: ${title}`))).toEqual([]);
  });

  it('has no line of prose over 100 columns, and no table cell over 120 characters', () => {
    expect(formatProblems(markdown)).toEqual([]);
  });
});

describe('The checks of the documentation', () => {
  it('find relative links with their fragments and titles, except in code', () => {
    const markdown = [
      'See [one](docs/a.md#b), [two](https://example.com/c.md) and `[three](d.md)`.',
      '```md',
      '[four](e.md)',
      '```',
      '[test](x.spec.ts "does',
      'this"), [own](#heading)',
    ].join('\n');
    expect(relativeLinks(markdown)).toEqual([
      { path: 'docs/a.md', fragment: 'b' },
      { path: 'x.spec.ts', title: 'does this' },
      { path: '', fragment: 'heading' },
    ]);
  });

  it('know the fragments of headings like GitHub', () => {
    const markdown = '# `GET /calls`, and more\n## Options\n```sh\n# comment\n```\n### Options';
    expect(headingFragments(markdown)).toEqual(['get-calls-and-more', 'options', 'options-1']);
  });

  it('report long lines and cells, except in code, links and headings', () => {
    const long = 'word '.repeat(30);
    expect(formatProblems(long)).toEqual(['1: 150 columns']);
    expect(formatProblems(`| a | ${long} |`)).toEqual(['1: a cell of 149 characters']);
    for (const text of [
      `# ${long}`,
      `\`\`\`\n${long}\n\`\`\``,
      `- [a](b.ts "${long}")`,
      `| [a](b.ts "${long}") |`,
      `https://example.com/${'a'.repeat(100)}`,
    ])
      expect([text, formatProblems(text)]).toEqual([text, []]);
  });

  it('find the title of a test by a part, or with its placeholders filled in', () => {
    const source = `
      // it('is a comment', () => {});
      describe('A suite', () => {
        it.each([['one', 1]])('returns %d for $name if it\\'s %s', () => { call('not a title'); });
        it(\`gets \${MANY} rows\`, () => {});
      });`;
    for (const title of ['A suite', 'returns %d', "returns 400 for x if it's y", 'gets 5 rows'])
      expect([title, hasTitle(source, title)]).toEqual([title, true]);
    for (const title of ['not a title', 'is a comment', 'another suite'])
      expect([title, hasTitle(source, title)]).toEqual([title, false]);
  });
});
