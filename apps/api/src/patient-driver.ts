import * as pg from 'pg';

type Opened = (error: undefined, client: undefined, release: () => void) => void;

/**
 * The driver, for a DataSource that starts although a server of it can't be reached. TypeORM opens a pool by connecting once, and gives
 * the connection back at once: that is skipped. Whether the primary is there it finds out right behind that, when it asks for the version.
 */
export function patientDriver(): object {
  class PatientPool extends pg.Pool {
    private isOpened = false;

    override connect(): Promise<pg.PoolClient>;
    override connect(callback: Parameters<pg.Pool['connect']>[0]): void;
    override connect(callback?: unknown): Promise<pg.PoolClient> | void {
      if (!callback) return super.connect();
      if (this.isOpened) return super.connect(callback as Parameters<pg.Pool['connect']>[0]);
      this.isOpened = true;
      (callback as Opened)(undefined, undefined, () => {});
    }
  }
  return Object.create(pg, { Pool: { value: PatientPool } });
}
