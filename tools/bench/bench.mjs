/**
 * Measures the export against `\copy`, the limit of what PostgreSQL can do, and against what tutorials show.
 *
 * Prints the figures as Markdown. Creates its own database on the server, and drops it at the end.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { describeMachine, writeSection } from '../generated-section.mjs';
import { chart } from './chart.mjs';
import { measureMariadb } from './mariadb.mjs';
import { measure } from './measure.mjs';
import { progress } from './programs.mjs';
import { report, summary } from './report.mjs';
import { startServer } from './servers.mjs';
import { ways } from './ways.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    concurrency: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '5' },
    url: { type: 'string', default: 'postgres://postgres@127.0.0.1:5432/postgres' },
    mariadb: { type: 'string' },
    /** Where to write the figures, as JSON. */
    json: { type: 'string' },
    /** A file written by --json. Reports its figures instead of measuring. */
    from: { type: 'string' },
    /** Writes the figures into the docs as well. */
    docs: { type: 'boolean', default: false },
  },
});
const [ROWS, CONCURRENCY, ROUNDS] = ['rows', 'concurrency', 'rounds'].map((name) => {
  if (/^[1-9]\d*$/.test(options[name])) return Number(options[name]);
  console.error(`--${name} must be a positive integer, got ${options[name]}`);
  process.exit(1);
});

/** With more rows, `find()` would run out of memory and `.stream()` would take hours. */
const PEERS_ROWS_MAX = 2_000_000;

const ROOT = new URL('../../', import.meta.url);
const DIST = new URL('dist/apps/api/', ROOT);
const COMMAND = 'npm run bench';
const UNLIMITED = String(1e9);

const results = options.from ? JSON.parse(readFileSync(options.from, 'utf8')) : await run();
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
console.log(report(results));
if (options.docs) {
  const path = (document) => fileURLToPath(new URL(document, ROOT));
  await writeSection(path('README.md'), COMMAND, summary(results));
  await writeSection(path('docs/performance.md'), COMMAND, report(results));
  writeFileSync(path('docs/benchmark.svg'), chart(results));
}

async function run() {
  const server = new pg.Client(options.url);
  await server.connect().catch((error) => {
    console.error(`Can't connect to --url ${options.url}: ${error.message}`);
    process.exit(1);
  });
  const name = `calls_bench_${randomBytes(4).toString('hex')}`;
  const databaseUrl = Object.assign(new URL(options.url), { pathname: `/${name}` }).href;
  const servers = [];
  let isCleanedUp = false;
  const cleanUp = async () => {
    if (isCleanedUp) return;
    isCleanedUp = true;
    progress('');
    await Promise.all(servers.map((each) => each.stop()));
    await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await server.end();
  };
  process.once('SIGINT', () => cleanUp().then(() => process.exit(130)));

  const settings = { rows: ROWS, rounds: ROUNDS, concurrency: CONCURRENCY };
  const machine = describeMachine(cpus(), totalmem());
  let figures;
  try {
    progress('creating the database');
    await server.query(`CREATE DATABASE ${name}`);
    const environment = apiEnvironment(databaseUrl);
    const token = prepare(databaseUrl, environment);
    const start = async (program, variables) => {
      const started = await startServer(program, variables);
      servers.push(started);
      return started;
    };
    const startPeers = async () =>
      ROWS <= PEERS_ROWS_MAX
        ? start(new URL('./peers.mjs', import.meta.url), { BENCH_DATABASE_URL: databaseUrl })
        : undefined;
    const [find, stream] = [await startPeers(), await startPeers()];
    const api = await start(new URL('main.js', DIST), environment);
    figures = await measure(ways({ databaseUrl, token, api, find, stream }), settings, databaseUrl);
  } finally {
    await cleanUp();
  }
  if (options.mariadb) figures.mariadb = await measureMariadb(options.mariadb, ROWS, ROUNDS);
  progress('');
  return { machine, ...settings, ...figures };
}

function apiEnvironment(databaseUrl) {
  return {
    DATABASE_URL: databaseUrl,
    JWT_SECRET: randomBytes(32).toString('hex'),
    NODE_ENV: 'production',
    EXPORT_MAX_PER_ACCOUNT: '10000',
    EXPORT_MAX_CONCURRENT: '10000',
    RATE_LIMIT_PER_ADDRESS: UNLIMITED,
    RATE_LIMIT_PER_ACCOUNT: UNLIMITED,
  };
}

/** Fills the database. @returns a token for account 1. */
function prepare(databaseUrl, environment) {
  const command = (program, ...args) =>
    execFileSync(process.execPath, [fileURLToPath(new URL(program, DIST)), ...args], {
      env: { ...process.env, ...environment },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  command('migrate.js');
  progress(`adding ${ROWS} calls`);
  command('seed.js', '--account', '1', '--calls', String(ROWS));
  execFileSync('psql', ['-q', databaseUrl, '-c', 'VACUUM ANALYZE']);
  return command('token.js', '--account', '1', '--days', '1').trim();
}
