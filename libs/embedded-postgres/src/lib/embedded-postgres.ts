import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { lockDataDirectory } from './data-directory-lock';
import { keepQueriesWhole } from './keep-queries-whole';

/** A PostgreSQL that this process runs (PGlite), or that another process of the same user runs. */
export interface EmbeddedPostgres {
  /** A `postgres://` URL for the ordinary `pg` driver. It names a Unix socket that only this user can open. */
  readonly url: string;
  /** Closes the connections and the database; does nothing to one that another process runs. */
  close(): Promise<void>;
}

/** Another process has the data directory open. */
export class DataDirectoryInUseError extends Error {
  constructor(
    directory: string,
    /** Of that process. */
    readonly pid: number,
  ) {
    super(`The data directory ${directory} is in use by process ${pid}`);
  }
}

/** What clients look for in the directory that is their host, for the default port. */
const SOCKET = '.s.PGSQL.5432';
const MAX_CONNECTIONS = 100;
const START_TIMEOUT_SECONDS = 30;

/**
 * Starts an embedded PostgreSQL, for development and tests.
 *
 * One process at a time may have a data directory open. Where another one has it, the answer is that process's
 * database, so that a command works beside a running server.
 *
 * @param dataDirectory where the data are kept; without it they live in memory.
 * @param mayJoin whether the database of another process will do, which ends with that process. Default true.
 * @throws DataDirectoryInUseError if it will not.
 */
export async function startEmbeddedPostgres(
  dataDirectory?: string,
  mayJoin = true,
): Promise<EmbeddedPostgres> {
  // In the temporary directory, since the path of a socket may have no more than about 100 bytes.
  // `mkdtemp` gives the directory to this user alone, which keeps others off the socket.
  const socketDirectory = mkdtempSync(join(tmpdir(), 'embedded-postgres-'));
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(socketDirectory)}`;
  let cleanUp = () => rmSync(socketDirectory, { recursive: true, force: true });

  if (dataDirectory !== undefined) {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    const lockFile = join(dataDirectory, 'owner.json');
    const owner = lockDataDirectory(lockFile, { pid: process.pid, url });
    if (owner) {
      cleanUp();
      if (!mayJoin) throw new DataDirectoryInUseError(dataDirectory, owner.pid);
      return { url: await started(owner.url, lockFile), close: async () => {} };
    }
    const removeSocketDirectory = cleanUp;
    cleanUp = () => {
      removeSocketDirectory();
      rmSync(lockFile, { force: true });
    };
  }

  try {
    const data = dataDirectory && join(dataDirectory, 'postgres');
    if (data !== undefined) await makeData(data);
    const database = await PGlite.create(data);
    const server = new PGLiteSocketServer({
      db: keepQueriesWhole(database),
      path: join(socketDirectory, SOCKET),
      maxConnections: MAX_CONNECTIONS,
    });
    await server.start();
    return {
      url,
      close: async () => {
        await server.stop();
        await database.close();
        cleanUp();
      },
    };
  } catch (error) {
    cleanUp();
    throw error;
  }
}

/**
 * Makes an empty database, if there is none. It gets its place when it is whole: what is left of one that a process was stopped
 * at can't be opened.
 */
async function makeData(directory: string): Promise<void> {
  if (existsSync(directory)) return;
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  const database = await PGlite.create(draft);
  await database.close();
  renameSync(draft, directory);
}

/** Waits until the process that has taken the data directory serves it. */
async function started(url: string, lockFile: string): Promise<string> {
  const socket = join(new URL(url).searchParams.get('host') as string, SOCKET);
  for (let tenths = 0; tenths < START_TIMEOUT_SECONDS * 10; tenths++) {
    if (existsSync(socket)) return url;
    await sleep(100);
  }
  throw new Error(
    `The embedded database is taken by a process that does not serve it: remove ${lockFile} if no other copy runs.`,
  );
}
