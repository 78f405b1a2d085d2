/**
 * Measures what an index on the status costs each write, and how fast it finds the calls of a rare status.
 */
import pg from 'pg';
import { median, progress, queryOnce } from './programs.mjs';

const COLUMNS = 'assistant_id, customer_phone_number, status, duration, started_at, ended_at';
const STATEMENTS = {
  insert: `INSERT INTO calls (account_id, call_sid, ${COLUMNS})
    SELECT account_id, 'CB' || substr(call_sid, 3), ${COLUMNS} FROM calls ORDER BY id LIMIT 200000`,
  update: `UPDATE calls SET status = 'failed' WHERE id <= 20000`,
  find: `SELECT * FROM calls WHERE account_id = 1 AND status = 'ringing' ORDER BY id`,
};

/** @returns the median seconds of each statement, `without` and `with` the index. */
export async function measureStatusIndex(databaseUrl, rounds) {
  const runs = { without: [], with: [] };
  for (let round = 1; round <= rounds; round++) {
    for (const kind of ['without', 'with']) {
      progress(`round ${round}: ${kind} an index on the status`);
      if (kind === 'with') {
        await queryOnce(databaseUrl, 'CREATE INDEX bench_status ON calls (account_id, status, id)');
        await queryOnce(databaseUrl, 'ANALYZE calls');
      }
      const seconds = {};
      for (const [name, sql] of Object.entries(STATEMENTS)) {
        seconds[name] = await timeRolledBack(databaseUrl, sql);
      }
      runs[kind].push(seconds);
      if (kind === 'with') await queryOnce(databaseUrl, 'DROP INDEX bench_status');
    }
  }
  const medians = (kind) =>
    Object.fromEntries(Object.keys(STATEMENTS).map((name) => [name, median(runs[kind], name)]));
  return { without: medians('without'), with: medians('with') };
}

async function timeRolledBack(databaseUrl, sql) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('BEGIN');
  const begun = performance.now();
  await client.query(sql);
  const seconds = (performance.now() - begun) / 1000;
  await client.query('ROLLBACK');
  await client.query('VACUUM calls');
  await client.end();
  return seconds;
}
