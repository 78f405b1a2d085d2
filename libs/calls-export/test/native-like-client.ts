import { EventEmitter } from 'node:events';
import * as pg from 'pg';

/**
 * Behaves like the client of `pg-native`, which TypeORM prefers if it is installed. libpq speaks the
 * protocol, so there is no `connection`, no escaping and no canceling; statements must be text, and rows
 * arrive all at once.
 */
class NativeLikeClient extends EventEmitter {
  readonly native = {};
  private readonly client: pg.Client & { _queryable?: boolean; _ending?: boolean };

  constructor(config: pg.ClientConfig) {
    super();
    this.client = new pg.Client(config);
    for (const event of ['error', 'end', 'connect', 'notification']) {
      this.client.on(event as 'error', (...args: unknown[]) => this.emit(event, ...args));
    }
  }

  get _queryable(): boolean | undefined {
    return this.client._queryable;
  }

  get _ending(): boolean | undefined {
    return this.client._ending;
  }

  connect(callback: (error?: Error) => void): void {
    this.client.connect(callback);
  }

  query(...args: unknown[]): unknown {
    const [statement] = args as [string | { submit?: unknown }];
    if (typeof statement === 'object' && statement.submit !== undefined) {
      throw new Error('libpq does not accept queries that speak the protocol themselves');
    }
    return (this.client.query as (...all: unknown[]) => unknown).apply(this.client, args);
  }

  end(callback?: () => void): Promise<void> | void {
    return callback ? this.client.end(callback) : this.client.end();
  }

  isConnected(): boolean {
    return this._queryable === true;
  }

  ref(): void {}
  unref(): void {}
}

class Pool extends pg.Pool {
  constructor(config: pg.PoolConfig) {
    super({ ...config, Client: NativeLikeClient } as unknown as pg.PoolConfig);
  }
}

/** For TypeORM's option `driver`. */
export const nativeLikeDriver = { ...pg, Client: NativeLikeClient, Pool };
