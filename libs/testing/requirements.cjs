const { existsSync } = require('node:fs');
const { delimiter, join } = require('node:path');
const zlib = require('node:zlib');

/** Servers are often in directories that only root's `PATH` has. */
const SEARCH_PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter);

const isInPath = (program) =>
  SEARCH_PATH.split(delimiter).some((path) => existsSync(join(path, program)));

/** Where programs are required, as in CI, a missing one fails its suite. */
const installed = (program, isThere) =>
  isThere || process.env.REQUIRE_PROGRAMS ? undefined : `${program} is not installed`;

const named = (variable) => (process.env[variable] ? undefined : `${variable} is not set`);

/** What is needed and is no program in `PATH`: each gives what is missing, or undefined. */
const REQUIREMENTS = {
  'PostgreSQL server': () => named('TEST_DATABASE_URL'),
  'MariaDB server': () => named('TEST_MARIADB_URL'),
  'Redis server': () => named('TEST_REDIS_URL'),
  Zstandard: () =>
    'createZstdCompress' in zlib || process.env.ZSTD_NODE
      ? undefined
      : 'this Node.js has no Zstandard (22.15 has) and ZSTD_NODE names no other',
  Chromium: () => {
    const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
    return installed(chromium, existsSync(chromium));
  },
  'the programs of PostgreSQL': () =>
    installed('PostgreSQL', existsSync('/usr/lib/postgresql') || isInPath('pg_config')),
};

/**
 * Why a suite that needs something can't run here, such as "nginx is not installed"; undefined if it can.
 *
 * @param {string} requirement a key of `REQUIREMENTS`, or the name of a program.
 */
function missing(requirement) {
  return requirement in REQUIREMENTS
    ? REQUIREMENTS[requirement]()
    : installed(requirement, isInPath(requirement));
}

module.exports = { missing, SEARCH_PATH };
