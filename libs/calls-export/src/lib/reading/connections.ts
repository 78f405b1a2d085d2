import type { DataSource, QueryRunner } from 'typeorm';
import type { Dialect } from './dialects/dialect';

/** The database did not answer in time. */
export class DatabaseTimeoutError extends Error {
  constructor(readonly seconds: number) {
    super(`The database has not answered for ${seconds} seconds`);
  }
}

/** Lends the connections of the DataSource's pool. */
export class Connections {
  /**
   * @param timeout how many seconds the database has to answer. Without one, a network that is cut would hold a connection
   * for as long as TCP tries to reach the other end, which is many minutes.
   */
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: Dialect,
    private readonly timeout: number,
  ) {}

  /**
   * Works on a connection, and gives it back as soon as the database has answered.
   *
   * @throws DatabaseTimeoutError if it does not; the connection is closed then.
   */
  async use<T>(work: (runner: QueryRunner, connection: unknown) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner('slave');
    let deadline: NodeJS.Timeout | undefined;
    try {
      const connection: unknown = await runner.connect();
      const late = new Promise<never>((_, reject) => {
        deadline = setTimeout(() => {
          reject(new DatabaseTimeoutError(this.timeout));
          this.dialect.abandon(connection);
        }, this.timeout * 1000);
      });
      return await Promise.race([work(runner, connection), late]);
    } finally {
      clearTimeout(deadline);
      await runner.release();
    }
  }
}
