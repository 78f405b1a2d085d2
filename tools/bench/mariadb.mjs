/** Measures the export from MariaDB against the database's own client. */
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { curl, median, progress, silentProgram } from './programs.mjs';
import { startServer } from './servers.mjs';

const STATUSES = `ELT(1 + FLOOR(RAND() * 6), 'completed', 'completed', 'completed', 'no-answer', 'busy', 'failed')`;
const SELECT = `
  SELECT c.id, c.call_sid, a.name AS assistant_name, c.customer_phone_number, c.status, c.duration, c.started_at, c.ended_at
  FROM calls c LEFT JOIN assistants a ON a.id = c.assistant_id WHERE c.account_id = 1 ORDER BY c.id`;

/**
 * Measures the MariaDB client and the export in a new database, which is dropped at the end.
 *
 * @returns the medians of `client`, `csv` and `json`.
 */
export async function measureMariadb(serverUrl, calls, rounds) {
  const database = `calls_bench_${randomBytes(4).toString('hex')}`;
  const url = Object.assign(new URL(serverUrl), { pathname: `/${database}` });
  const server = await createConnection(serverUrl);
  let host;
  try {
    await server.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    await server.changeUser({ database });
    host = await startServer(new URL('./mariadb-host.mjs', import.meta.url), {
      BENCH_MARIADB_URL: url.href,
    });
    await addCalls(server, calls);
    const account = ['-h', url.hostname, '-P', url.port || '3306', '-u', url.username || 'root'];
    if (url.password) account.push(`--password=${decodeURIComponent(url.password)}`);
    const client = [...account, '--batch', '--quick', database, '-e', SELECT];
    const ways = {
      client: () => silentProgram('mariadb', client),
      csv: () => curl(`${host.url}/calls/export?format=csv`),
      json: () => curl(`${host.url}/calls/export?format=json`),
    };
    const runs = {};
    for (let round = 0; round <= rounds; round++) {
      for (const [name, run] of Object.entries(ways)) {
        progress(`MariaDB, round ${round} of ${rounds}: ${name}`);
        await host.usage();
        const measured = { ...(await run()), ...(await host.usage()) };
        // The first round is a warm-up.
        if (round > 0) (runs[name] ??= []).push(measured);
      }
    }
    return Object.fromEntries(
      Object.entries(runs).map(([name, each]) => [
        name,
        { seconds: median(each, 'seconds'), cpuSeconds: median(each, 'cpuSeconds') },
      ]),
    );
  } finally {
    await host?.stop();
    await server.query(`DROP DATABASE IF EXISTS ${database}`);
    await server.end();
  }
}

async function addCalls(server, calls) {
  progress(`MariaDB: adding ${calls} calls`);
  await server.query(`
    INSERT INTO assistants (account_id, name)
    VALUES (1, 'Support Bot'), (1, 'Sales Rep'), (1, 'Booking Desk'), (1, 'After Hours'), (1, 'Collections')`);
  await server.query(`
    INSERT INTO calls
      (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at, created_at)
    SELECT
      1, CONCAT('CA', MD5(seq)), IF(RAND() < 0.95, 1 + FLOOR(RAND() * 5), NULL),
      IF(RAND() < 0.98, CONCAT('+1', 2000000000 + FLOOR(RAND() * 7999999999)), NULL),
      ${STATUSES}, IF(seq % 5 = 0, NULL, FLOOR(5 + RAND() * 900)),
      IF(seq % 5 = 0, NULL, NOW(6) - INTERVAL (${calls} - seq) MINUTE),
      IF(seq % 5 = 0, NULL, NOW(6) - INTERVAL (${calls} - seq) MINUTE + INTERVAL 300 SECOND), NOW(6)
    FROM seq_1_to_${calls}`);
  await server.query('ANALYZE TABLE calls, assistants');
}
