const { readFileSync } = require('node:fs');
const { relative } = require('node:path');
const { missing } = require('./requirements.cjs');

/**
 * Leaves out the test files that need what is not there, with a printed line for each. A file says what it needs in its
 * first line: `// @needs PostgreSQL server, pgbouncer`. Of `PostgreSQL server or MariaDB server`, one is enough.
 */
module.exports = async (paths) => {
  const filtered = paths.filter((path) => {
    const [, needs] = /^\/\/ @needs (.+)/.exec(readFileSync(path, 'utf8')) ?? [];
    const reasons = needs?.split(', ').map(whyNot).filter(Boolean) ?? [];
    if (reasons.length === 0) return true;
    console.error(`Left out: ${relative('', path)}, since ${reasons.join(' and ')}.`);
    return false;
  });
  return { filtered };
};

/** @param {string} need one or several alternatives. */
function whyNot(need) {
  const reasons = need.split(' or ').map(missing);
  return reasons.every(Boolean) ? reasons.join(' and ') : undefined;
}
