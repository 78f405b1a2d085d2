const { readdirSync, readFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');

/** The environment variable in which Stryker's Jest runner passes the active mutant. */
const ACTIVE_MUTANT = '__STRYKER_ACTIVE_MUTANT__';
/** The code that Stryker inserts for each mutant. */
const MUTANT = /stryMutAct_\w+\("(\d+)"\)/g;

let fileOfMutant;

/**
 * A Jest filter that runs a mutant against the spec named after its file or, if there is none, against all
 * specs in its folder. Without it, Stryker would run every spec that imports the file, even indirectly.
 */
module.exports = async (paths) => {
  const mutant = process.env[ACTIVE_MUTANT];
  if (mutant === undefined) return { filtered: paths };
  fileOfMutant ??= mutantsIn('libs');
  const file = fileOfMutant.get(mutant);
  const inFolder = paths.filter((path) => dirname(path) === dirname(file));
  const name = `${basename(file, '.ts')}.`;
  const named = inFolder.filter((path) => basename(path).startsWith(name));
  return { filtered: named.length > 0 ? named : inFolder };
};

function mutantsIn(folder) {
  const mutants = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const path = join(process.cwd(), entry.parentPath ?? entry.path, entry.name);
    for (const [, mutant] of readFileSync(path, 'utf8').matchAll(MUTANT)) mutants.set(mutant, path);
  }
  return mutants;
}
