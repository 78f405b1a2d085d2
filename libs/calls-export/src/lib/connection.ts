import type { DataSource, QueryRunner } from 'typeorm';

/** Longer than a page takes on any database that works, shorter than a network takes to tell that it is cut. */
const DEADLINE_MS = 60_000;

/** What is used of a client of the driver `pg`. */
export interface PgClient {
  /** Gives a result for each of the statements. */
  query<Row>(statements: string): Promise<{ rows: Row[] }[]>;
  query(query: PgQuery): void;
  escapeLiteral(text: string): string;
  end(): Promise<void>;
}

/** A query that handles the messages of the server itself; `pg` has it as `Submittable`. */
export interface PgQuery {
  /** Called by the query when it is done, and replaced by the driver where it is to stop a timer of its own. */
  callback(): void;
  submit(connection: { query(statements: string): void }): void;
  handleCopyData(message: { chunk: Buffer }): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
  handleCommandComplete(): void;
  handleRowDescription(): void;
  handleEmptyQuery(): void;
}

/**
 * Works on a connection of the pool, and gives it back as soon as the database has answered. A PostgreSQL that does not
 * answer in a minute is given up: the connection is closed, and the work fails as it does where one is lost.
 */
export async function withConnection<T>(
  dataSource: DataSource,
  work: (runner: QueryRunner, connection: unknown) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner('slave');
  let deadline: NodeJS.Timeout | undefined;
  try {
    const connection: unknown = await runner.connect();
    if (dataSource.options.type === 'postgres') {
      deadline = setTimeout(() => void (connection as PgClient).end(), DEADLINE_MS);
    }
    return await work(runner, connection);
  } finally {
    clearTimeout(deadline);
    await runner.release();
  }
}
