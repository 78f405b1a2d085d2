import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkspaceFile, ROOT } from './workspace';

const LIBRARY = 'libs/calls-export/src/lib';
const TEXT = readWorkspaceFile('CONTRIBUTING.md');
const { scripts } = JSON.parse(readWorkspaceFile('package.json')) as {
  scripts: Record<string, string>;
};

const all = (pattern: RegExp, text = TEXT) =>
  [...new Set([...text.matchAll(pattern)].map(([, found]) => found as string))].sort();
/** Files that a walk-through creates. */
const NEW = all(/<!-- new: (\S+) -->/g);

describe('CONTRIBUTING.md', () => {
  it('only names npm scripts that exist', () => {
    const names = all(/(?:^|`)npm (?:run )?([a-z][a-z:-]*)/gm);
    expect(names).toContain('start:watch');
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('only names files that exist', () => {
    const paths = all(/`([\w.@-]*\/?[\w./@-]*(?:\/|\.(?:ts|md|mjs|cjs|yml|json|js|spec)))`/g);
    expect(paths.length).toBeGreaterThan(30);
    const exists = (path: string) =>
      ['', LIBRARY].some((folder) => existsSync(join(ROOT, folder, path))) ||
      existsSync(join(ROOT, '.github/workflows', path)) ||
      // Build output.
      path.startsWith('dist/');
    expect(paths.filter((path) => !exists(path) && !NEW.includes(path))).toEqual([]);
  });

  it('only names identifiers that the code has', () => {
    const code = (path: string) => readWorkspaceFile(join(LIBRARY, path));
    expect(code('entities/mapped-entity.ts')).toContain('const CALL:');
    expect(code('formats/export-formats.ts')).toContain('const FORMATS');
    expect(code('http/calls-export.controller.ts')).toContain('function filterOf');
    expect(code('export/calls-export.service.ts')).toContain('function parametersOf');
    expect(code('reading/calls-query.ts')).toContain('  matches(');
    expect(code('reading/retrying-reader.ts')).toContain(' retry<');
    expect(code('http/http-errors.ts')).toContain('function toHttpError');
    const standard = code('reading/dialects/standard-dialect.ts');
    expect(all(/^ {2}abstract (?:readonly )?(\w+)/gm, standard)).toEqual(
      ['mayCopy', 'indexes', 'isText', 'timeText', 'poolSize'].sort(),
    );
  });
});
