import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres';

const TIMEOUT_MS = 60_000;

describe('The embedded PostgreSQL', () => {
  it(
    'answers each of many connections for its own statement',
    async () => {
      const database = await startEmbeddedPostgres();
      const pool = new Pool({ connectionString: database.url, max: 8 });
      const asked = Array.from({ length: 400 }, (_, number) => number);
      // Different statements, so that one that takes another's place shows.
      const answers = await Promise.all(
        asked.map(async (number) => {
          const { rows } = await pool.query(
            `SELECT ${number} + $1::int AS sum, ${'0 +'.repeat(number % 7)} 0`,
            [number],
          );
          return rows[0].sum;
        }),
      );
      expect(answers).toEqual(asked.map((number) => 2 * number));
      await pool.end();
      await database.close();
    },
    TIMEOUT_MS,
  );

  it(
    'keeps its data',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'embedded-postgres-spec-'));
      try {
        for (const expected of [1, 2]) {
          const database = await startEmbeddedPostgres(join(directory, 'data'));
          const pool = new Pool({ connectionString: database.url });
          await pool.query('CREATE TABLE IF NOT EXISTS starts (at timestamptz)');
          await pool.query('INSERT INTO starts VALUES (now())');
          expect((await pool.query('SELECT count(*)::int FROM starts')).rows).toEqual([
            { count: expected },
          ]);
          await pool.end();
          await database.close();
        }
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );
});
