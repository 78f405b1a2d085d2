import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { lockDataDirectory } from './data-directory-lock';
import { preventInterleaving } from './prevent-interleaving';

/** A PostgreSQL (PGlite) in this process, or in another process of the same user. */
export interface EmbeddedPostgres {
  /** A `postgres://` URL for the driver `pg`, with a Unix socket that only this user can open. */
  readonly url: string;
  /** Closes the connections and the database. Does nothing if another process runs it. */
  close(): Promise<void>;
}

/** Another process has the data directory open. */
export class DataDirectoryInUseError extends Error {
  constructor(
    directory: string,
    /** The id of that process. */
    readonly pid: number,
  ) {
    super(`The data directory ${directory} is in use by process ${pid}`);
  }
}

/** The socket name that clients expect in a `host` directory, for the default port. */
const SOCKET = '.s.PGSQL.5432';
const MAX_CONNECTIONS = 100;
const START_TIMEOUT_SECONDS = 30;

/**
 * Starts an embedded PostgreSQL, for development and tests.
 *
 * Only one process can open a data directory. If another process has it open, this returns that process's
 * database, so that commands work beside a running server.
 *
 * @param dataDirectory where the data is stored. Default: in memory.
 * @param mayJoin whether to use the database of another process, which stops with that process. Default true.
 * @throws DataDirectoryInUseError if another process has the directory open and `mayJoin` is false.
 */
export async function startEmbeddedPostgres(
  dataDirectory?: string,
  mayJoin = true,
): Promise<EmbeddedPostgres> {
  // In the temporary directory, because socket paths are limited to about 100 bytes. Only this user can
  // access a directory created by `mkdtemp`, and so the socket.
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
      return { url: await waitForOwner(owner.url, lockFile), close: async () => {} };
    }
    const removeSocketDirectory = cleanUp;
    cleanUp = () => {
      removeSocketDirectory();
      rmSync(lockFile, { force: true });
    };
  }

  try {
    const data = dataDirectory && join(dataDirectory, 'postgres');
    if (data !== undefined) await createDatabase(data);
    const database = await PGlite.create(data);
    const server = new PGLiteSocketServer({
      db: preventInterleaving(database),
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
 * Creates an empty database, if there is none. It is moved into place once complete, because a partial one,
 * left by a process that was killed, can't be opened.
 */
async function createDatabase(directory: string): Promise<void> {
  if (existsSync(directory)) return;
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  const database = await PGlite.create(draft);
  await database.close();
  renameSync(draft, directory);
}

/** Waits until the process that holds the lock serves the database. */
async function waitForOwner(url: string, lockFile: string): Promise<string> {
  const socket = join(new URL(url).searchParams.get('host') as string, SOCKET);
  for (let tenths = 0; tenths < START_TIMEOUT_SECONDS * 10; tenths++) {
    if (existsSync(socket)) return url;
    await sleep(100);
  }
  throw new Error(
    `The embedded database is locked by a process that does not serve it: remove ${lockFile} if no other instance is running`,
  );
}
