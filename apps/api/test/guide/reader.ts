import type { TestDatabase } from '@calls/testing';
import type { LoggerService } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { type Api, bearer, startApi } from '../start-api';
import { addCall, resetCalls, type Row, storedRows } from './calls';
import { Workspace } from './workspace';

/** Follows the guide: runs an API with the calls of account 1, and gives each test an empty directory. */
export class Reader {
  api!: Api;
  workspace!: Workspace;
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
      this.workspace = await Workspace.create({
        URL: `${this.api.url}/api/v1/calls/export`,
        TOKEN: bearer(1)['authorization']?.replace('Bearer ', '') ?? '',
        WAREHOUSE: warehouse.href,
        // The guide must work in any time zone of the client.
        PGTZ: 'America/New_York',
      });
    });
    afterEach(() => this.workspace.remove());
  }

  get dataSource(): DataSource {
    return this.database.dataSource;
  }

  /** @returns the calls in the database. */
  stored(): Promise<Row[]> {
    return storedRows(this.dataSource);
  }

  /** Ends a call that was in progress. */
  async endCall4(): Promise<void> {
    await this.dataSource.query(
      `UPDATE calls SET status = 'completed', duration = 5, ended_at = started_at + interval '5 s' WHERE id = 4`,
    );
  }

  /** Makes changes that a reload of the last days must find. */
  async endCall4AndAdd5(): Promise<void> {
    await this.endCall4();
    const now = new Date().toISOString();
    await addCall(this.dataSource, '5', 'CA7', null, null, 'ringing', null, now);
  }
}
