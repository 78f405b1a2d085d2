/**
 * Serves an embedded PostgreSQL until the parent process exits or disconnects. Sends the database URL to the
 * parent.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const ROOT = join(__dirname, '../..');
const SWC = JSON.parse(readFileSync(join(ROOT, '.swcrc'), 'utf8'));

require.extensions['.ts'] = (module, filename) => {
  const source = readFileSync(filename, 'utf8');
  const { code } = transformSync(source, {
    ...SWC,
    filename,
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  });
  module._compile(code, filename);
};

const { startEmbeddedPostgres } = require('../embedded-postgres/src/index.ts');

startEmbeddedPostgres().then(({ url, close }) => {
  process.on('disconnect', () => close().finally(() => process.exit()));
  process.send(url);
});
