import * as mysql from 'mysql2';
import * as pg from 'pg';

/** The driver `pg` with a statement that each new connection runs. */
export function pgWithSession(statement: string): object {
  class SessionPool extends pg.Pool {
    constructor(config?: pg.PoolConfig) {
      super(config);
      this.on('connect', (client) => void client.query(statement));
    }
  }
  return { ...pg, Pool: SessionPool };
}

/** The driver `mysql2` with a statement that each new connection runs. */
export function mysqlWithSession(statement: string): object {
  return {
    ...mysql,
    createPool(options: mysql.PoolOptions) {
      const pool = mysql.createPool(options);
      pool.on('connection', (connection) => connection.query(statement));
      return pool;
    },
  };
}
