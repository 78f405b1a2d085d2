import * as pg from 'pg';

type ConnectCallback = (error: undefined, client: undefined, release: () => void) => void;

/**
 * Returns a `pg` whose pools don't connect until they are used, so that a DataSource starts while a server is
 * unreachable. TypeORM opens each pool by connecting once and releasing the connection, which is skipped
 * here. It then still queries the version of the primary, so an unreachable primary is noticed.
 */
export function lazyDriver(): object {
  class LazyPool extends pg.Pool {
    private isOpened = false;

    override connect(): Promise<pg.PoolClient>;
    override connect(callback: Parameters<pg.Pool['connect']>[0]): void;
    override connect(callback?: unknown): Promise<pg.PoolClient> | void {
      if (!callback) return super.connect();
      if (this.isOpened) return super.connect(callback as Parameters<pg.Pool['connect']>[0]);
      this.isOpened = true;
      (callback as ConnectCallback)(undefined, undefined, () => {});
    }
  }
  return Object.create(pg, { Pool: { value: LazyPool } });
}
