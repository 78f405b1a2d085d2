// @needs PostgreSQL server
import { describeEachDatabase, until } from '@calls/testing';
import { seedCalls } from '@calls/seed-calls';
import {
  type AfterQueryEvent,
  DataSource,
  type EntitySubscriberInterface,
  EventSubscriber,
} from 'typeorm';
import { DatabaseUnavailableError } from '../src';
import { ExportingHost, postgresOptions } from './exporting-host';

/** More than a stream buffers. */
const CALLS = 5_000;

/** The next statement that matches loses its connection. */
let last: RegExp | undefined;
let administrator: DataSource;

/** Terminates the session of a connection after a statement, and waits until TypeORM notices. */
@EventSubscriber()
class LosesConnection implements EntitySubscriberInterface {
  async afterQuery({ query, queryRunner }: AfterQueryEvent): Promise<void> {
    if (!last?.test(query)) return;
    last = undefined;
    const { processID } = (await queryRunner.connect()) as { processID: number };
    await administrator.query('SELECT pg_terminate_backend($1)', [processID]);
    await until(() => queryRunner.isReleased, 10_000);
  }
}

describeEachDatabase(
  'A connection that is lost between two statements',
  postgresOptions,
  (database) => {
    let host: ExportingHost;
    let complete: string;

    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, CALLS);
      administrator = database.dataSource;
      const options = { ...postgresOptions(database.url), subscribers: [LosesConnection] };
      const dataSource = await new DataSource(options).initialize();
      host = await ExportingHost.start({ ...database, dataSource }, { copy: false, pageSize: 100 });
      complete = await host.export();
    }, 60_000);
    afterEach(() => {
      last = undefined;
    });
    afterAll(() => host.close());

    it.each([
      ['BEGIN', /^BEGIN/],
      ['the query for calls', /"call_sid"[^]*"calls"/],
      ['the query for assistants', /"assistants"/],
    ])('is replaced, and the page is retried, after %s', async (_, statement) => {
      let text = '';
      for await (const piece of await host.stream()) {
        if (text === '') last = statement;
        text += piece;
      }
      expect(last).toBeUndefined();
      expect(text).toBe(complete);
    });

    it('fails the first page or a count with DatabaseUnavailableError', async () => {
      for (const run of [() => host.stream(), () => host.count()]) {
        last = /^BEGIN/;
        await expect(run()).rejects.toThrow(DatabaseUnavailableError);
        expect(last).toBeUndefined();
      }
      expect(await host.export()).toBe(complete);
    });
  },
  ['PostgreSQL server'],
);
