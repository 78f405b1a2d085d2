/**
 * How fast the export is, against what the database could do at most and against what tutorials show.
 *
 * Everything is measured in one run, in turns, several times; what counts are the ratios of the medians. It makes a database of
 * its own on the server, and drops it at its end.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import zlib from 'node:zlib';
import pg from 'pg';
import { measureMariadb } from './mariadb.mjs';
import { cpuSince, curl, databaseCpu, median, progress, psql } from './programs.mjs';
import { report } from './report.mjs';
import { startServer } from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    concurrency: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '5' },
    url: { type: 'string', default: 'postgres://postgres@127.0.0.1:5432/postgres' },
    mariadb: { type: 'string' },
    json: { type: 'string' },
  },
});
const [ROWS, CONCURRENCY, ROUNDS] = ['rows', 'concurrency', 'rounds'].map((name) => {
  if (/^[1-9]\d*$/.test(options[name])) return Number(options[name]);
  console.error(`--${name} takes a positive number, not ${options[name]}.`);
  process.exit(1);
});

/** Above this the ways of tutorials are left out: `find()` would need more memory than there is, `.stream()` hours. */
const PEERS_ROWS_MAX = 2_000_000;
const SLOW_CLIENTS = 10;
const HANGS_AFTER_SECONDS = 10;
const FIRST_BYTE_TIMES = 11;

const DIST = new URL('../../dist/apps/api/', import.meta.url);
const secret = randomBytes(32).toString('hex');
const database = `calls_bench_${randomBytes(4).toString('hex')}`;
const databaseUrl = Object.assign(new URL(options.url), { pathname: `/${database}` }).href;
const UNLIMITED = String(1e9);
const api = {
  DATABASE_URL: databaseUrl,
  JWT_SECRET: secret,
  NODE_ENV: 'production',
  EXPORT_MAX_PER_ACCOUNT: '10000',
  EXPORT_MAX_CONCURRENT: '10000',
  RATE_LIMIT_PER_ADDRESS: UNLIMITED,
  RATE_LIMIT_PER_ACCOUNT: UNLIMITED,
};

const servers = [];
const server = new pg.Client(options.url);
await server.connect().catch((error) => {
  console.error(`The server of --url ${options.url} can't be connected to: ${error.message}`);
  process.exit(1);
});
const results = {};
let ended = false;
process.once('SIGINT', () => cleanUp().then(() => process.exit(130)));
try {
  await prepare();
  await run();
} finally {
  await cleanUp();
}
if (options.mariadb) results.mariadb = await measureMariadb(options.mariadb, ROWS, ROUNDS);
progress('');
report({
  rows: ROWS,
  rounds: ROUNDS,
  concurrency: CONCURRENCY,
  slowClients: SLOW_CLIENTS,
  ...results,
});
if (options.json) {
  const all = { rows: ROWS, rounds: ROUNDS, concurrency: CONCURRENCY, ...results };
  writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
}

async function cleanUp() {
  if (ended) return;
  ended = true;
  progress('');
  await Promise.all(servers.map((each) => each.stop()));
  await server.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await server.end();
}

async function prepare() {
  progress('making the database');
  await server.query(`CREATE DATABASE ${database}`);
  command('migrate.js');
  progress(`adding ${ROWS} calls`);
  command('seed.js', '--account', '1', '--calls', String(ROWS));
  execFileSync('psql', ['-q', databaseUrl, '-c', 'VACUUM ANALYZE']);
}

function command(program, ...args) {
  const { pathname } = new URL(program, DIST);
  return execFileSync(process.execPath, [pathname, ...args], {
    env: { ...process.env, ...api },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run() {
  const token = command('token.js', '--account', '1', '--days', '1').trim();
  const peer = async () =>
    ROWS <= PEERS_ROWS_MAX &&
    start(new URL('./peers.mjs', import.meta.url), { BENCH_DATABASE_URL: databaseUrl });
  const [find, stream] = [await peer(), await peer()];
  const ours = await start(new URL('main.js', DIST), api);
  const url = `${ours.url}/api/v1/calls/export`;
  const authorization = ['-H', `Authorization: Bearer ${token}`];
  const download = (query, ...args) => curl(`${url}?${query}`, ...authorization, ...args);

  const columns = `c.id, c.call_sid, a.name AS assistant_name, c.customer_phone_number, c.status, c.duration`;
  const from = `FROM calls c LEFT JOIN assistants a ON a.id = c.assistant_id WHERE c.account_id = 1 ORDER BY c.id`;
  const formatted = ['started_at', 'ended_at'].map(
    (column) => `to_char(c.${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') AS ${column}`,
  );
  const raw = `SELECT ${columns}, c.started_at, c.ended_at ${from}`;
  const same = `SELECT ${columns}, ${formatted} ${from}`;
  const copyTo = (query) => psql(databaseUrl, `\\copy (${query}) TO /dev/null CSV HEADER`);
  const copyJson = (query) =>
    psql(databaseUrl, `\\copy (SELECT row_to_json(r) FROM (${query}) r) TO /dev/null`);
  const compressed = (encoding) => ({
    name: `this API, ${encoding}`,
    server: ours,
    csv: () => download('format=csv', '-H', `Accept-Encoding: ${encoding}`),
    json: () => download('format=json', '-H', `Accept-Encoding: ${encoding}`),
  });

  const ways = [
    { name: '`\\copy`, the times as they are', csv: () => copyTo(raw), json: () => copyJson(raw) },
    {
      name: '`\\copy`, the times as in the file',
      csv: () => copyTo(same),
      json: () => copyJson(same),
    },
    find && {
      name: '`find()` and `unparse()`',
      server: find,
      takesLong: true,
      csv: () => curl(`${find.url}/find.csv`),
      json: () => curl(`${find.url}/find.json`),
    },
    stream && {
      name: '`.stream()` and csv-stringify',
      server: stream,
      takesLong: true,
      csv: () => curl(`${stream.url}/stream.csv`),
      json: () => curl(`${stream.url}/stream.json`),
    },
    {
      name: 'this API',
      server: ours,
      csv: () => download('format=csv'),
      json: () => download('format=json'),
    },
    { name: 'this API, NDJSON', server: ours, json: () => download('format=ndjson') },
    { name: 'this API, XLSX', server: ours, csv: () => download('format=xlsx') },
    {
      name: 'this API, times of Berlin',
      server: ours,
      csv: () => download('format=csv&timezone=Europe/Berlin'),
      json: () => download('format=json&timezone=Europe/Berlin'),
    },
    compressed('gzip'),
    // Node has it since 22.15.
    'createZstdCompress' in zlib && compressed('zstd'),
  ].filter(Boolean);

  // Idle is a server that has answered a request, but has not exported anything.
  await download('date_from=1990-01-01&date_to=1990-01-01');
  await sleep(1000);
  for (const way of ways) way.idleMegabytes = (await way.server?.usage())?.rssMegabytes;

  const watcher = new pg.Client(databaseUrl);
  await watcher.connect();
  for (let round = 1; round <= ROUNDS; round++) {
    // Each round starts at another one, so that none always follows the same.
    const turn = (2 * round) % ways.length;
    for (const way of [...ways.slice(turn), ...ways.slice(0, turn)]) {
      for (const format of ['csv', 'json'].filter((each) => way[each])) {
        progress(`round ${round} of ${ROUNDS}: ${way.name}, ${format}`);
        // What ran before may still be cleaning up, and has left its own data in the caches.
        await sleep(1000);
        if (!way.takesLong) await way[format]();
        await way.server?.usage();
        const before = await databaseCpu(watcher);
        const measured = await way[format]();
        const usage = await way.server?.usage();
        const databaseCpuSeconds = cpuSince(before, await databaseCpu(watcher));
        (way[`${format}Runs`] ??= []).push({ databaseCpuSeconds, ...measured, ...usage });
      }
    }
  }

  await watcher.end();

  const together = ways.filter(({ name }) => !/find\(\)|^this API, /.test(name));
  for (let round = 1; round <= Math.min(ROUNDS, 3); round++) {
    for (const way of together) {
      // Once is enough for what takes a minute.
      if (way.takesLong && round > 1) continue;
      progress(`round ${round}: ${CONCURRENCY} at once, ${way.name}`);
      await way.server?.usage();
      const begun = performance.now();
      await Promise.all(Array.from({ length: CONCURRENCY }, () => way.csv()));
      const seconds = (performance.now() - begun) / 1000;
      (way.togetherRuns ??= []).push({ seconds, ...(await way.server?.usage()) });
    }
  }

  for (const way of ways.filter(({ name }) =>
    ['this API', '`.stream()` and csv-stringify'].includes(name),
  )) {
    progress(`${SLOW_CLIENTS} slow clients: ${way.name}`);
    const slowUrl = way.server === ours ? url : `${stream.url}/stream.csv`;
    way.slow = await holdSlowly(slowUrl, { Authorization: `Bearer ${token}` });
    // An aborted `.stream()` keeps its connection, and its locks, for ever.
    if (way.server === stream) await stream.stop();
  }

  const [{ day, assistant }] = (
    await withDatabase(
      `SELECT to_char(max(started_at) - interval '2 days', 'YYYY-MM-DD') AS day, min(assistant_id) AS assistant FROM calls`,
    )
  ).rows;
  const filters = [
    ['none', 'format=csv'],
    ['one day', `date_from=${day}&date_to=${day}`],
    ['all days', 'date_from=2000-01-01'],
    ['a common status', 'status=completed'],
    ['a rare status', 'status=ringing'],
    ['an assistant', `assistant_id=${assistant}`],
  ];
  const firstBytes = [];
  for (const [filter, query] of filters) {
    progress(`first byte: ${filter}`);
    const runs = [];
    for (let time = 0; time < (ROWS > PEERS_ROWS_MAX ? 3 : FIRST_BYTE_TIMES); time++) {
      runs.push(await download(query));
    }
    firstBytes.push({
      filter,
      firstByteMs: 1000 * median(runs, 'firstByteSeconds'),
      seconds: median(runs, 'seconds'),
      bytes: runs[0].bytes,
    });
  }
  const statusIndex = await weighStatusIndex();
  Object.assign(results, { ways: ways.map(summary), firstBytes, statusIndex });
}

async function start(program, environment) {
  const started = await startServer(program, environment);
  servers.push(started);
  return started;
}

/** What an index on the status would cost each write, and how soon it would find the calls of a rare one. */
async function weighStatusIndex() {
  const undone = async (sql) => {
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
  };
  const columns = 'assistant_id, customer_phone_number, status, duration, started_at, ended_at';
  const insert = `INSERT INTO calls (account_id, call_sid, ${columns})
    SELECT account_id, 'CB' || substr(call_sid, 3), ${columns} FROM calls ORDER BY id LIMIT 200000`;
  const update = `UPDATE calls SET status = 'failed' WHERE id <= 20000`;
  const runs = { without: [], with: [] };
  for (let round = 1; round <= Math.min(ROUNDS, 3); round++) {
    for (const kind of ['without', 'with']) {
      progress(`round ${round}: ${kind} an index on the status`);
      if (kind === 'with') {
        await withDatabase('CREATE INDEX bench_status ON calls (account_id, status, id)');
        await withDatabase('ANALYZE calls');
      }
      runs[kind].push({
        insert: await undone(insert),
        update: await undone(update),
        find: await undone(
          `SELECT * FROM calls WHERE account_id = 1 AND status = 'ringing' ORDER BY id`,
        ),
      });
      if (kind === 'with') await withDatabase('DROP INDEX bench_status');
    }
  }
  const medians = (kind) =>
    Object.fromEntries(
      Object.keys(runs[kind][0]).map((property) => [property, median(runs[kind], property)]),
    );
  return { without: medians('without'), with: medians('with') };
}

/** What the paused clients hold of the database, and whether another export still comes through. */
async function holdSlowly(url, headers) {
  const open = async () => {
    const [response] = await once(get(url, { headers, agent: false }), 'response');
    return response;
  };
  const responses = await Promise.all(Array.from({ length: SLOW_CLIENTS }, open));
  // What is on its way fills the sockets first.
  await sleep(5000);
  const { rows } = await withDatabase(
    `SELECT count(*)::int AS held FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'`,
  );
  const another = open().catch(() => undefined);
  const next = await Promise.race([another, sleep(HANGS_AFTER_SECONDS * 1000)]);
  next?.destroy();
  for (const response of responses) response.destroy();
  await sleep(1000);
  return { connections: rows[0].held, nextComes: next !== undefined };
}

async function withDatabase(sql) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  return client.query(sql).finally(() => client.end());
}

function summary({ name, server: ours, csvRuns, jsonRuns, togetherRuns, idleMegabytes, slow }) {
  const peak = (...runs) =>
    ours &&
    Math.max(...runs.flatMap((each) => each ?? []).map((run) => run.peakMegabytes)) - idleMegabytes;
  const format = (runs) =>
    runs && {
      seconds: median(runs, 'seconds'),
      bytes: runs[0].bytes,
      cpuSeconds: median(runs, 'cpuSeconds'),
      databaseCpuSeconds: median(runs, 'databaseCpuSeconds'),
    };
  return {
    name,
    csv: format(csvRuns),
    json: format(jsonRuns),
    peakOverIdleMegabytes: peak(csvRuns, jsonRuns),
    together: togetherRuns && {
      rowsPerSecond: (ROWS * CONCURRENCY) / median(togetherRuns, 'seconds'),
      peakOverIdleMegabytes: peak(togetherRuns),
      delayP99Ms: median(togetherRuns, 'delayP99Ms'),
    },
    slow,
  };
}
