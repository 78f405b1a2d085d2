const { readFileSync } = require('node:fs');
const { relative } = require('node:path');
const { missing } = require('./requirements.cjs');

/**
 * Leaves out the test files that need what is not there, with a printed line for each. A file says what it needs in the
 * comment it begins with: `// @needs PostgreSQL server, pgbouncer`. Of `PostgreSQL server or MariaDB server`, one is
 * enough.
 */
module.exports = async (paths) => {
  const filtered = paths.filter((path) => {
    const [, needs] = /^\/\/ @needs (.+)/m.exec(beginningOf(path)) ?? [];
    const reasons = needs?.split(', ').map(whyNot).filter(Boolean) ?? [];
    if (reasons.length === 0) return true;
    console.error(`Left out: ${relative('', path)}, since ${reasons.join(' and ')}.`);
    return false;
  });
  return { filtered };
};

module.exports.beginningOf = beginningOf;

/** The lines of comment that a file begins with. */
function beginningOf(path) {
  const [lines] = /^(?:\/\/.*\n)*/.exec(readFileSync(path, 'utf8'));
  return lines;
}

/** @param {string} need one or several alternatives. */
function whyNot(need) {
  const reasons = need.split(' or ').map(missing);
  return reasons.every(Boolean) ? reasons.join(' and ') : undefined;
}
