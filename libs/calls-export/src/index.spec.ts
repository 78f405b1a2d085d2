import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
  .map((path) => join(__dirname, path));
// With noResolve, the program has no files of other packages, which this test does not need.
const program = ts.createProgram(sources, { noResolve: true, noLib: true, types: [] });
const checker = program.getTypeChecker();

/** Returns the names of the JSDoc tags of each export of index.ts. */
function exportedTags(): [name: string, tags: string[]][] {
  const index = program.getSourceFile(join(__dirname, 'index.ts')) as ts.SourceFile;
  const module = checker.getSymbolAtLocation(index) as ts.Symbol;
  return checker.getExportsOfModule(module).map((symbol) => {
    const { name } = symbol;
    const tags = checker.getAliasedSymbol(symbol).getJsDocTags();
    return [name, tags.map((tag) => tag.name)];
  });
}

describe('The public API', () => {
  it.each(exportedTags())('marks %s with @publicApi', (_name, tags) => {
    expect(tags).toContain('publicApi');
  });
});
