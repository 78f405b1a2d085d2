import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess } from './end-process';
import { freePort } from './free-port';
import { SEARCH_PATH } from './programs';
import { until } from './until';
import { Client } from 'pg';

const START_TIMEOUT_MS = 10_000;

/** A PgBouncer in transaction mode: each transaction gets any free connection to the server. */
export class PgBouncer {
  private output = '';

  private constructor(
    /** The URL of the database through PgBouncer. */
    readonly url: string,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /**
   * @param databaseUrl of the server. PgBouncer connects as its user, whatever user its clients send.
   * @param connections the size of the pool that all clients share.
   */
  static async start(databaseUrl: string, connections: number): Promise<PgBouncer> {
    const { hostname, port, username, password, pathname } = new URL(databaseUrl);
    const directory = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
    const file = join(directory, 'pgbouncer.ini');
    const listenPort = await freePort();
    const database = [
      `host=${hostname}`,
      `port=${port || 5432}`,
      `user=${decodeURIComponent(username)}`,
      password && `password=${decodeURIComponent(password)}`,
    ];
    writeFileSync(
      file,
      `[databases]
* = ${database.filter(Boolean).join(' ')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 100
`,
    );
    const child = spawn('pgbouncer', [file], {
      env: { PATH: SEARCH_PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...ownerOf(directory, file),
    });
    const url = `postgres://client@127.0.0.1:${listenPort}${pathname}`;
    const pgBouncer = new PgBouncer(url, directory, child);
    await once(child, 'spawn');
    try {
      await until(() => pgBouncer.isReady(), START_TIMEOUT_MS);
    } catch (cause) {
      await pgBouncer.stop();
      throw new Error(`PgBouncer did not start:\n${pgBouncer.output}`, { cause });
    }
    return pgBouncer;
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null)
      throw new Error(`PgBouncer exited with ${this.child.exitCode}`);
    const client = new Client(this.url);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    // SIGTERM stops it immediately; SIGINT would wait for its clients.
    await endProcess(this.child);
    rmSync(this.directory, { recursive: true });
  }
}

/** Returns the user to run as, and makes it the owner of the files: PgBouncer refuses to run as root. */
function ownerOf(...paths: string[]): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres']).toString());
  const [uid, gid] = [id('-u'), id('-g')];
  for (const path of paths) chownSync(path, uid, gid);
  return { uid, gid };
}
