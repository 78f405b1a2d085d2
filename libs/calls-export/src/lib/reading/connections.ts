import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Dialect, SessionSettings } from './dialects/dialect';
import { Semaphore } from './semaphore';

/** Most statements end by themselves in so much time, which costs less than to cancel them. */
const END_MS = 100;
/** So long a statement may take to end after it was cancelled. Then its connection is closed. */
const CANCEL_MS = 1_000;

/** The database did not answer in time. */
export class DatabaseTimeoutError extends Error {
  constructor(readonly seconds: number) {
    super(`The database has not answered for ${seconds} seconds`);
  }
}

/** A server of the DataSource, and the connections of its pool. */
interface Server {
  readonly dataSource: DataSource;
  readonly dialect: Dialect;
  /** Which of the replicas it is; undefined for the primary. */
  readonly replica: number | undefined;
  /** How many seconds it has to answer. */
  readonly timeout: number;
  /** As many as the pool has connections: its own queue would be left after the time that one has for connecting. */
  readonly semaphore: Semaphore;
}

/**
 * Lends the connections of one server. A network that is cut would hold one for as long as TCP tries to reach the other
 * end, which is many minutes; so each has a time to answer in.
 */
export class Connections {
  private constructor(
    private readonly server: Server,
    private readonly signal?: AbortSignal,
    /** The session variables of what is read. */
    readonly settings: SessionSettings = {},
  ) {}

  /**
   * Those of each server that is read from: of the replicas or, where there are none, of the one server.
   *
   * @param timeout how many seconds the database has to answer.
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

  /** @param replica which of the replicas; undefined for the primary. */
  static of(
    dataSource: DataSource,
    dialect: Dialect,
    timeout: number,
    replica?: number,
  ): Connections {
    const semaphore = new Semaphore(dialect.poolSize(dataSource));
    return new Connections({ dataSource, dialect, replica, timeout, semaphore });
  }

  /** The same connections for work that a signal stops, and that has these session variables. */
  until(signal?: AbortSignal, settings: SessionSettings = {}): Connections {
    return new Connections(this.server, signal, settings);
  }

  /** Whether they are those of a replica. */
  get isReplica(): boolean {
    return this.server.replica !== undefined;
  }

  /** Whether one is free, and nobody waits for it. */
  get areFree(): boolean {
    return this.server.semaphore.isFree;
  }

  /**
   * Works on a connection, when there is a free one, and gives it back as soon as the database has answered.
   *
   * @throws DatabaseTimeoutError if the database does not answer; the statement is cancelled then.
   * @throws the reason of the signal if that is aborted; the statement is cancelled likewise.
   */
  async use<T>(work: (runner: QueryRunner, connection: unknown) => Promise<T>): Promise<T> {
    const { semaphore, timeout } = this.server;
    const runner = this.queryRunner();
    await semaphore.acquire(this.signal);
    const stop = stopAfter(timeout, this.signal);
    let connection: unknown;
    const answer = new Answer(async () => {
      connection = await runner.connect();
      // It may have taken too long.
      stop.signal.throwIfAborted();
      return work(runner, connection);
    });
    const end = () => runner.release().finally(() => semaphore.release());
    try {
      return await Promise.race([answer.value, stop.stopped]);
    } finally {
      stop.dispose();
      // A connection that is still being made can't be given back yet.
      if (connection === undefined) void answer.settled.then(end);
      else {
        if (!answer.isSettled) await this.stop(connection, answer);
        await end();
      }
    }
  }

  /** Works on a connection likewise, in a transaction in which the session is as an export needs it. */
  transaction<T>(work: (runner: QueryRunner, connection: unknown) => Promise<T>): Promise<T> {
    return this.use((runner, connection) =>
      this.server.dialect.transaction(runner, this.settings, () => work(runner, connection)),
    );
  }

  /** Stops a statement; if that does not end it, by closing its connection. */
  private async stop(connection: unknown, answer: Answer<unknown>): Promise<void> {
    const { dialect } = this.server;
    await Promise.race([answer.settled, sleep(END_MS, undefined, { ref: false })]);
    if (answer.isSettled) return;
    // Both, since a cancellation that comes late would hit the next statement.
    const cancelled = dialect
      .cancel(connection, () => this.queryRunner())
      .then(() => answer.settled)
      .then(() => true);
    const late = sleep(CANCEL_MS, false, { ref: false });
    if (!(await Promise.race([cancelled, late]))) dialect.abandon(connection);
  }

  private queryRunner(): QueryRunner {
    const { dataSource, dialect, replica } = this.server;
    if (replica === undefined) return dataSource.createQueryRunner('master');
    // Else each query runner takes another one.
    return Object.assign(dataSource.createQueryRunner('slave'), {
      driver: dialect.onReplica(dataSource.driver, replica),
    });
  }
}

/** What the database answers, and whether it has. */
class Answer<T> {
  isSettled = false;
  readonly value: Promise<T>;
  /** Is fulfilled when there is an answer, whatever it is. */
  readonly settled: Promise<void>;

  constructor(ask: () => Promise<T>) {
    this.value = ask();
    const settle = () => {
      this.isSettled = true;
    };
    this.settled = this.value.then(settle, settle);
  }
}

/** Stops what is under way after so many seconds, or when the signal says so. */
function stopAfter(seconds: number, signal?: AbortSignal) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(new DatabaseTimeoutError(seconds)), seconds * 1000);
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  const leave = () => stop.abort(signal?.reason);
  // It may have been aborted between the turn that it has waited for and this.
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave);
  return {
    signal: stop.signal,
    /** Is rejected when it is stopped. */
    stopped,
    dispose: () => {
      clearTimeout(late);
      signal?.removeEventListener('abort', leave);
    },
  };
}
