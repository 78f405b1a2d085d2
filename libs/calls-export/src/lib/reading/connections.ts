import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Dialect, SessionSettings } from './dialects/dialect';
import { Semaphore } from './semaphore';

/**
 * How long to wait for a statement to end by itself before canceling it. Most do, and waiting is cheaper.
 */
const END_MS = 100;
/** How long a canceled statement may take to end before its connection is closed. */
const CANCEL_MS = 1_000;

/** The database did not respond within the statement timeout. */
export class DatabaseTimeoutError extends Error {
  constructor(readonly seconds: number) {
    super(`The database did not respond within ${seconds} seconds`);
  }
}

/** A server of the DataSource. */
interface Server {
  readonly dataSource: DataSource;
  readonly dialect: Dialect;
  /** The number of the replica; undefined for the primary. */
  readonly replica: number | undefined;
  /** Statement timeout, in seconds. */
  readonly timeout: number;
  /**
   * Admits as many tasks as the pool has connections: waiting in the pool's own queue would hit its connect
   * timeout.
   */
  readonly semaphore: Semaphore;
}

/**
 * Lends connections from the pool of one server, and enforces the statement timeout. Without a deadline, a
 * dead TCP connection would block for many minutes.
 */
export class Connections {
  private constructor(
    private readonly server: Server,
    private readonly signal?: AbortSignal,
    /** The session variables that transactions set. */
    readonly settings: SessionSettings = {},
  ) {}

  /**
   * Returns the connections of each server that exports read from: the replicas or, if there are none, the
   * primary.
   *
   * @param timeout statement timeout, in seconds.
   */
  static ofEachServer(
    dataSource: DataSource,
    dialect: Dialect,
    timeout: number,
  ): [Connections, ...Connections[]] {
    const { replication } = dataSource.options as { replication?: { slaves?: unknown[] } };
    const of = (replica?: number) => Connections.of(dataSource, dialect, timeout, replica);
    const [first, ...others] = [...(replication?.slaves ?? []).keys()];
    return [of(first), ...others.map((replica) => of(replica))];
  }

  /** @param replica the number of the replica. Default: the primary. */
  static of(
    dataSource: DataSource,
    dialect: Dialect,
    timeout: number,
    replica?: number,
  ): Connections {
    const semaphore = new Semaphore(dialect.poolSize(dataSource));
    return new Connections({ dataSource, dialect, replica, timeout, semaphore });
  }

  /** Returns the same connections with a signal that cancels the work, and with session variables. */
  until(signal?: AbortSignal, settings: SessionSettings = {}): Connections {
    return new Connections(this.server, signal, settings);
  }

  get isReplica(): boolean {
    return this.server.replica !== undefined;
  }

  /** Whether a connection is free and nobody waits for one. */
  get areFree(): boolean {
    return this.server.semaphore.isFree;
  }

  /**
   * Waits for a free connection, runs the work on it, and releases it once the database has responded.
   *
   * @throws DatabaseTimeoutError if the database does not respond in time; the statement is canceled.
   * @throws the signal's reason if it is aborted; the statement is canceled.
   */
  async use<T>(work: (runner: QueryRunner, connection: unknown) => Promise<T>): Promise<T> {
    const { semaphore, timeout } = this.server;
    const runner = this.queryRunner();
    await semaphore.acquire(this.signal);
    const stop = stopAfter(timeout, this.signal);
    let connection: unknown;
    const result = new TrackedPromise(async () => {
      connection = await runner.connect();
      // The timeout may have passed while connecting.
      stop.signal.throwIfAborted();
      return work(runner, connection);
    });
    const end = () => runner.release().finally(() => semaphore.release());
    try {
      return await Promise.race([result.value, stop.stopped]);
    } finally {
      stop.dispose();
      // A connection can't be released before it is established.
      if (connection === undefined) void result.settled.then(end);
      else {
        if (!result.isSettled) await this.stop(connection, result);
        await end();
      }
    }
  }

  /** Like `use`, but in a transaction that has the session settings of an export. */
  transaction<T>(work: (runner: QueryRunner, connection: unknown) => Promise<T>): Promise<T> {
    return this.use((runner, connection) =>
      this.server.dialect.transaction(runner, this.settings, () => work(runner, connection)),
    );
  }

  /** Cancels a statement or, if that does not end it, closes its connection. */
  private async stop(connection: unknown, result: TrackedPromise<unknown>): Promise<void> {
    const { dialect } = this.server;
    await Promise.race([result.settled, sleep(END_MS, undefined, { ref: false })]);
    if (result.isSettled) return;
    // Wait for the cancel request as well: if it arrived late, it would hit the connection's next statement.
    const canceled = dialect
      .cancel(connection, () => this.queryRunner())
      .then(() => result.settled)
      .then(() => true);
    const late = sleep(CANCEL_MS, false, { ref: false });
    if (!(await Promise.race([canceled, late]))) dialect.abandon(connection);
  }

  private queryRunner(): QueryRunner {
    const { dataSource, dialect, replica } = this.server;
    if (replica === undefined) return dataSource.createQueryRunner('master');
    // By default, TypeORM chooses a replica anew for each query runner.
    return Object.assign(dataSource.createQueryRunner('slave'), {
      driver: dialect.onReplica(dataSource.driver, replica),
    });
  }
}

/** A promise that knows whether it has settled. */
class TrackedPromise<T> {
  isSettled = false;
  readonly value: Promise<T>;
  /** Is fulfilled once `value` is fulfilled or rejected. */
  readonly settled: Promise<void>;

  constructor(work: () => Promise<T>) {
    this.value = work();
    const settle = () => {
      this.isSettled = true;
    };
    this.settled = this.value.then(settle, settle);
  }
}

/** Returns a signal that is aborted after a number of seconds, or when the given signal is. */
function stopAfter(seconds: number, signal?: AbortSignal) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(new DatabaseTimeoutError(seconds)), seconds * 1000);
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  const abort = () => stop.abort(signal?.reason);
  // The signal may have been aborted while this waited for the semaphore.
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return {
    signal: stop.signal,
    /** Is rejected with the reason of the abort. */
    stopped,
    dispose: () => {
      clearTimeout(late);
      signal?.removeEventListener('abort', abort);
    },
  };
}
