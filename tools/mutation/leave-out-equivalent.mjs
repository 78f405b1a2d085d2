import { relative } from 'node:path';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { EQUIVALENT } from './equivalent.mjs';

const inOneLine = (text) => text.replace(/\s+/g, ' ').trim();

/** Ignores the mutants in `EQUIVALENT`. Fails if the code of an entry is no longer in its file. */
const ignorer = {
  shouldIgnore({ node, hub }) {
    const { code: text, opts } = hub.file;
    const path = relative('libs', opts.filename);
    const entries = EQUIVALENT.filter(({ file }) => file === path);
    if (node.type === 'Program') {
      const source = inOneLine(text);
      const gone = entries.find(({ code }) => !source.includes(inOneLine(code)));
      if (gone)
        throw new Error(`${path} no longer contains this code of equivalent.mjs: ${gone.code}`);
    }
    if (entries.length === 0) return undefined;
    const code = inOneLine(text.slice(node.start, node.end));
    return entries.find((entry) => inOneLine(entry.code) === code)?.why;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'equivalent', ignorer)];
