const { existsSync } = require('node:fs');
const { delimiter, join } = require('node:path');
const zlib = require('node:zlib');

/** The `PATH` plus the directories of server programs, which often only root's `PATH` has. */
const SEARCH_PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter);

const isInPath = (program) =>
  SEARCH_PATH.split(delimiter).some((path) => existsSync(join(path, program)));

/** With REQUIRE_PROGRAMS, which CI sets, a suite runs even if a program is missing, and fails. */
const whyNotInstalled = (program, isInstalled) =>
  isInstalled || process.env.REQUIRE_PROGRAMS ? undefined : `${program} is not installed`;

const whyNotSet = (variable) => (process.env[variable] ? undefined : `${variable} is not set`);

/** The library that makes MariaDB a node of a Galera cluster, if it is installed. */
const GALERA_PROVIDER = [
  '/usr/lib/galera/libgalera_smm.so',
  '/usr/lib64/galera-4/libgalera_smm.so',
].find((path) => existsSync(path));

/** Requirements other than a program in `PATH`. Each returns why it is not met, or undefined. */
const REQUIREMENTS = {
  'PostgreSQL server': () => whyNotSet('TEST_DATABASE_URL'),
  'MariaDB server': () => whyNotSet('TEST_MARIADB_URL'),
  'Redis server': () => whyNotSet('TEST_REDIS_URL'),
  Zstandard: () =>
    'createZstdCompress' in zlib || process.env.ZSTD_NODE
      ? undefined
      : 'Node.js is older than 22.15, so it lacks Zstandard, and ZSTD_NODE is not set',
  Chromium: () => {
    const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
    return whyNotInstalled(chromium, existsSync(chromium));
  },
  'the Galera provider': () => whyNotInstalled('galera-4', GALERA_PROVIDER !== undefined),
  'the programs of PostgreSQL': () =>
    whyNotInstalled('PostgreSQL', existsSync('/usr/lib/postgresql') || isInPath('pg_config')),
};

/**
 * Returns why a requirement is not met, such as "nginx is not installed", or undefined if it is met.
 *
 * @param {string} requirement a key of `REQUIREMENTS`, or the name of a program.
 */
function missing(requirement) {
  return requirement in REQUIREMENTS
    ? REQUIREMENTS[requirement]()
    : whyNotInstalled(requirement, isInPath(requirement));
}

module.exports = { GALERA_PROVIDER, missing, SEARCH_PATH };
