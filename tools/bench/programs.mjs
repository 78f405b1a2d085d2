/** Runs the measured programs, and queries the database. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';

/**
 * Reads the CPU time of the backend that serves the connection. Linux counts it in hundredths of a second.
 */
const OWN_CPU = `SELECT pg_read_file('/proc/self/stat', 0, 1000)`;

/**
 * Runs a statement with psql. `databaseCpuSeconds` is the CPU time of the backend, which is that of the
 * statement within a millisecond.
 */
export async function psql(url, statement) {
  const begun = performance.now();
  const output = await program('psql', ['-qAt', url, '-c', statement, '-c', OWN_CPU]);
  return { seconds: (performance.now() - begun) / 1000, databaseCpuSeconds: cpuSeconds(output) };
}

/** Downloads a file and discards it. */
export async function curl(url, ...args) {
  const format = '%{time_total} %{time_starttransfer} %{size_download}';
  const output = await program('curl', ['-sf', '-o', '/dev/null', '-w', format, ...args, url]);
  const [seconds, firstByteSeconds, bytes] = output.split(' ').map(Number);
  return { seconds, firstByteSeconds, bytes };
}

/** @returns the CPU time so far of each backend of a database, by process id. */
export async function databaseCpu(client) {
  const { rows } = await client.query(
    `SELECT pid, pg_read_file('/proc/' || pid || '/stat', 0, 1000) AS stat FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  return new Map(rows.map(({ pid, stat }) => [pid, cpuSeconds(stat)]));
}

/** @returns the CPU time since, including that of new backends. */
export function cpuSince(before, after) {
  const each = [...after].map(([pid, seconds]) => seconds - (before.get(pid) ?? 0));
  return each.reduce((sum, seconds) => sum + seconds, 0);
}

/** Adds up user and kernel time from a process's `stat` (proc(5)). */
function cpuSeconds(stat) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function program(name, args) {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} exited with ${code}`);
  return output;
}

/** Runs a program and discards its output. */
export async function silentProgram(name, args) {
  const begun = performance.now();
  const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} exited with ${code}`);
  return { seconds: (performance.now() - begun) / 1000 };
}

/** @returns the median of a figure of the runs; undefined if there are none. */
export function median(runs, property) {
  const sorted = runs?.map((run) => run[property]).sort((a, b) => a - b);
  return sorted?.[Math.floor(sorted.length / 2)];
}

/** Runs a query on a connection of its own. @returns the rows. */
export async function queryOnce(databaseUrl, sql) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

/** Shows on standard error what is being measured. */
export function progress(text) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : text && `${text}\n`);
}
