/**
 * Code of which a mutant behaves like the original, so that no test can notice it. Each entry leaves out the mutants
 * of one piece of code.
 *
 * - `file`: from `libs/`.
 * - `code`: the whole expression or statement; blanks and line breaks count as one blank.
 * - `why`: the reason that the report shows.
 *
 * @type {{ file: string; code: string; why: string }[]}
 */
export const EQUIVALENT = [
  // auth
  {
    file: 'auth/src/lib/key-server.ts',
    code: 'private keys: readonly PublishedKey[] = [];',
    why: 'No key is read before the first fetch that succeeds, which sets them.',
  },
  {
    file: 'auth/src/lib/key-server.ts',
    code: 'private isFailing = false;',
    why: 'The first request fetches the keys, which sets it.',
  },
];
