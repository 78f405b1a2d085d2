import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Environment } from '../src/environment';
import { SETTINGS } from '../src/read-environment';

interface Row {
  readonly name: string;
  readonly meaning: string;
  readonly preset: string;
  readonly option: string;
}

const DOCS = resolve(__dirname, '../../../docs/configuration.md');
const OPTIONS = resolve(
  __dirname,
  '../../../libs/calls-export/src/lib/options/calls-export-options.ts',
);

/** The rows of the settings tables: those whose first cell is an environment variable. */
function rows(): Row[] {
  return readFileSync(DOCS, 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z][A-Z\d_]*` /.test(line))
    .map((line) => {
      const cells = line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|'));
      expect(cells).toHaveLength(4);
      const [name, meaning, preset, option] = cells as [string, string, string, string];
      return { name: name.replaceAll('`', ''), meaning, preset, option };
    });
}

describe('The settings in docs/configuration.md', () => {
  it('are the same as in the code, once each and in the same order', () => {
    expect(rows().map(({ name }) => name)).toEqual(SETTINGS);
  });

  it('have the defaults of the code', () => {
    const presets = new Environment() as unknown as Record<string, unknown>;
    for (const { name, meaning, preset } of rows()) {
      expect([name, meaning]).not.toEqual([name, '']);
      const value = presets[name];
      if (value === undefined) {
        // No constant default: described in words, such as `none`.
        expect([name, preset]).toEqual([name, expect.stringMatching(/^[a-z]/)]);
      } else {
        expect([name, preset]).toEqual([name, `\`${value}\``]);
      }
    }
  });

  it('name every option of the library that an operator can set', () => {
    const options = readFileSync(OPTIONS, 'utf8');
    const named = rows()
      .map(({ option }) => option)
      .filter((option) => option !== '');
    for (const option of named) {
      const [, name] = /^`(\w+)`$/.exec(option) ?? [];
      expect([option, options.includes(`  readonly ${name}?:`)]).toEqual([option, true]);
    }
    // Options that only the code of a host app can set are declared elsewhere, except hostParameters.
    const all = [...options.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
    expect(all).toContain('pageSize');
    const settable = all.filter((name) => name !== 'hostParameters');
    expect(settable.filter((name) => !named.includes(`\`${name}\``))).toEqual([]);
  });
});
