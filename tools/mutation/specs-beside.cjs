const { readdirSync, readFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');

/** The environment variable by which Stryker's Jest runner says which mutant is active. */
const ACTIVE_MUTANT = '__STRYKER_ACTIVE_MUTANT__';
/** How Stryker asks in the code for each of its mutants. */
const ASKS = /stryMutAct_\w+\("(\d+)"\)/g;

let fileOfMutant;

/**
 * A filter of Jest: a mutant is tested by the spec that has the name of its file or, if there is none, by those in its
 * folder. Stryker by itself would load each spec that imports the file, on whatever way.
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
    for (const [, mutant] of readFileSync(path, 'utf8').matchAll(ASKS)) mutants.set(mutant, path);
  }
  return mutants;
}
