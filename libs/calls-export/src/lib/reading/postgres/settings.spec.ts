import { escapeLiteral } from 'pg';
import { OUTPUT_SETTINGS, PLAN_SETTINGS, settingsOf } from './settings';

const statements = (sql: string) =>
  sql
    .split(';')
    .map((statement) => statement.trim())
    .filter(Boolean);

describe('The settings of a session', () => {
  it.each([
    // What is sent of times has to be what the driver reads, and no zone's but UTC's.
    [OUTPUT_SETTINGS, ["SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO'"]],
    // A page is read along an index, in its order, and by one process.
    [
      PLAN_SETTINGS,
      [
        'SET LOCAL enable_sort = off',
        'SET LOCAL enable_bitmapscan = off',
        'SET LOCAL max_parallel_workers_per_gather = 0',
        'SET LOCAL jit = off',
      ],
    ],
  ])('are set for the transaction alone: %#', (sql, settings) => {
    expect(statements(sql)).toEqual(settings);
  });
});

describe('settingsOf', () => {
  it('puts all of them before a statement', () => {
    expect(statements(`${settingsOf({}, { escapeLiteral })}COPY calls TO STDOUT`)).toEqual([
      ...statements(OUTPUT_SETTINGS + PLAN_SETTINGS),
      'COPY calls TO STDOUT',
    ]);
  });

  it("adds the session's variables, escaped", () => {
    const settings = { 'app.tenant': "O'Brien", 'app.role': 'a\\b' };
    expect(statements(settingsOf(settings, { escapeLiteral })).slice(-2)).toEqual([
      "SELECT set_config('app.tenant', 'O''Brien', true)",
      "SELECT set_config('app.role',  E'a\\\\b', true)",
    ]);
  });
});
