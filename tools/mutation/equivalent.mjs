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
  // Queries
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'before === after',
    why: 'Without this shortcut, no move of the clock is found, and the time is the same.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'later > first',
    why: 'Where the two are equal, either is the result.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'utc.getUTCFullYear() < 100',
    why: 'A year from 100 on is set to itself.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'after < before',
    why: 'The two differ there, so that their being equal does not matter.',
  },
  {
    file: 'calls-export/src/lib/reading/start-bounds.ts',
    code: "this.leaveOut(query, start, 'since', except)",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/start-bounds.ts',
    code: "this.leaveOut(query, start, 'before', early)",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'after'",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'to'",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "status ?? ''",
    why: 'Where there is no status, any text of printable ASCII stands for it.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "entities.of('assistant')",
    why: "Whatever is not 'call' names the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "this.entities.of('assistant')",
    why: "Whatever is not 'call' names the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/account-rows.ts',
    code: "this.entities.of('assistant')",
    why: "Whatever is not 'call' names the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'loose'",
    why: "Only 'padded' texts are compared in another way.",
  },
  {
    file: 'calls-export/src/lib/reading/walk-ends.ts',
    code: "'not started'",
    why: "Whatever is not 'unknown' has the message of a call that has not started.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-source.ts',
    code: '[]',
    why: 'What is known of further columns changes no number of calls.',
  },
];
