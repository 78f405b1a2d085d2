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

/** More than the buffers of a stream hold. */
const CALLS = 5_000;

/** The next statement after which a connection is lost. */
let last: RegExp | undefined;
let administrator: DataSource;

/** Ends the session of a connection after a statement, and waits until TypeORM has noticed. */
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
  'A connection that is lost after a statement, and before the next one,',
  postgresOptions,
  (database) => {
    let host: ExportingHost;
    let whole: string;

    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, CALLS);
      administrator = database.dataSource;
      const options = { ...postgresOptions(database.url), subscribers: [LosesConnection] };
      const dataSource = await new DataSource(options).initialize();
      host = await ExportingHost.start({ ...database, dataSource }, { copy: false, pageSize: 100 });
      whole = await host.export();
    }, 60_000);
    afterEach(() => {
      last = undefined;
    });
    afterAll(() => host.close());

    it.each([
      ['the beginning of its transaction', /^BEGIN/],
      ['the calls', /"call_sid"[^]*"calls"/],
      ['the assistants', /"assistants"/],
    ])('is made anew for a page: after %s', async (_, statement) => {
      let text = '';
      for await (const piece of await host.stream()) {
        if (text === '') last = statement;
        text += piece;
      }
      expect(last).toBeUndefined();
      expect(text).toBe(whole);
    });

    it('makes the database unavailable for the first page and for a count', async () => {
      for (const ask of [() => host.stream(), () => host.count()]) {
        last = /^BEGIN/;
        await expect(ask()).rejects.toThrow(DatabaseUnavailableError);
        expect(last).toBeUndefined();
      }
      expect(await host.export()).toBe(whole);
    });
  },
  ['PostgreSQL server'],
);
