import type { TestDatabase } from '@calls/testing';
import type { LoggerService } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { type Api, bearer, startApi } from '../start-api';
import { addCall, resetCalls, type Row, storedRows } from './calls';
import { Workplace } from './workplace';

/** Someone who follows the guide: an API with the calls of account 1, and for each test an empty directory. */
export class Reader {
  api!: Api;
  workplace!: Workplace;
  readonly logged: unknown[] = [];

  constructor(private readonly database: TestDatabase) {
    const log = (message: unknown) => void this.logged.push(message);
    const logger: LoggerService = { log, error: log, warn: log };
    beforeAll(async () => {
      this.api = await startApi(database.url, {}, logger);
      await this.dataSource.query('CREATE SCHEMA warehouse');
    });
    afterAll(() => this.api.close());
    beforeEach(async () => {
      await resetCalls(this.dataSource);
      await this.dataSource.query('DROP TABLE IF EXISTS warehouse.calls');
      const warehouse = new URL(database.url);
      warehouse.searchParams.set('options', '-csearch_path=warehouse');
      this.workplace = await Workplace.create({
        URL: `${this.api.url}/api/v1/calls/export`,
        TOKEN: bearer(1)['authorization']?.replace('Bearer ', '') ?? '',
        WAREHOUSE: warehouse.href,
        // The clients of a warehouse may be anywhere.
        PGTZ: 'America/New_York',
      });
    });
    afterEach(() => this.workplace.remove());
  }

  get dataSource(): DataSource {
    return this.database.dataSource;
  }

  /** The calls as the database has them. */
  stored(): Promise<Row[]> {
    return storedRows(this.dataSource);
  }

  /** Ends a call that some have read while it was going on. */
  async endCall4(): Promise<void> {
    await this.dataSource.query(
      `UPDATE calls SET status = 'completed', duration = 5, ended_at = started_at + interval '5 s' WHERE id = 4`,
    );
  }

  /** What a load of the last days has to bring in: a call that has ended, and one that has just started. */
  async endCall4AndAdd5(): Promise<void> {
    await this.endCall4();
    const now = new Date().toISOString();
    await addCall(this.dataSource, '5', 'CA7', null, null, 'ringing', null, now);
  }
}
