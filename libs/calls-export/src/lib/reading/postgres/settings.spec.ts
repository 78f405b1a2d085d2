import { escapeLiteral } from 'pg';
import { OUTPUT_SETTINGS, PLAN_SETTINGS, settingsOf } from './settings';

const statements = (sql: string) =>
  sql
    .split(';')
    .map((statement) => statement.trim())
    .filter(Boolean);

describe('OUTPUT_SETTINGS and PLAN_SETTINGS', () => {
  it.each([
    // Times must arrive in UTC and in the format that the driver reads.
    [OUTPUT_SETTINGS, ["SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO'"]],
    // A page is read in index order by one process.
    [
      PLAN_SETTINGS,
      [
        'SET LOCAL enable_sort = off',
        'SET LOCAL enable_bitmapscan = off',
        'SET LOCAL max_parallel_workers_per_gather = 0',
        'SET LOCAL jit = off',
      ],
    ],
  ])('apply only to the transaction (case %#)', (sql, settings) => {
    expect(statements(sql)).toEqual(settings);
  });
});

describe('settingsOf', () => {
  it('returns all settings, to be put before a statement', () => {
    expect(statements(`${settingsOf({}, { escapeLiteral })}COPY calls TO STDOUT`)).toEqual([
      ...statements(OUTPUT_SETTINGS + PLAN_SETTINGS),
      'COPY calls TO STDOUT',
    ]);
  });

  it('adds the session variables, escaped', () => {
    const settings = { 'app.tenant': "O'Brien", 'app.role': 'a\\b' };
    expect(statements(settingsOf(settings, { escapeLiteral })).slice(-2)).toEqual([
      "SELECT set_config('app.tenant', 'O''Brien', true)",
      "SELECT set_config('app.role',  E'a\\\\b', true)",
    ]);
  });
});
