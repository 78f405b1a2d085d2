import { describeEachDatabase } from '@calls/testing';
import { seedCalls } from '@calls/seed-calls';
import {
  type AfterQueryEvent,
  type BeforeQueryEvent,
  DataSource,
  type EntitySubscriberInterface,
  EventSubscriber,
  type Logger,
} from 'typeorm';
import { ExportingHost, postgresOptions } from './exporting-host';
import { FAILURE, withFailingCall } from './failing-call';

const CALLS = 1_000;
const PAGE_SIZE = 100;
const PAGES = CALLS / PAGE_SIZE;

/** What was told of statements, by whom it was told. */
interface Told {
  logged: string[];
  slow: string[];
  failed: string[];
  before: string[];
  after: string[];
}

let told: Told;
const reset = () => (told = { logged: [], slow: [], failed: [], before: [], after: [] });

/** The host's own logger. */
const logger: Logger = {
  logQuery: (statement) => told.logged.push(statement),
  logQuerySlow: (milliseconds, statement) =>
    told.slow.push(milliseconds >= 0 ? statement : `in ${milliseconds} ms: ${statement}`),
  logQueryError: (_error, statement) => told.failed.push(statement),
  logSchemaBuild: () => {},
  logMigration: () => {},
  log: () => {},
};

@EventSubscriber()
class StatementSubscriber implements EntitySubscriberInterface {
  beforeQuery({ query }: BeforeQueryEvent): void {
    told.before.push(query);
  }

  afterQuery({ query, success }: AfterQueryEvent): void {
    told.after.push(`${success ? '' : 'failed: '}${query}`);
  }
}

describeEachDatabase("The host's logger and subscribers", postgresOptions, (database) => {
  let expected: string;

  beforeAll(async () => {
    await seedCalls(database.dataSource, 1, CALLS);
    const host = await start(false);
    expected = await host.export();
    await host.close();
  }, 60_000);

  async function start(copy: boolean): Promise<ExportingHost> {
    reset();
    const dataSource = new DataSource({
      ...postgresOptions(database.url),
      logging: ['query', 'error'],
      logger,
      // Any statement is slower than that, and TypeORM takes 0 for none.
      maxQueryExecutionTime: -1,
      subscribers: [StatementSubscriber],
    });
    const host = await ExportingHost.start(
      { ...database, dataSource: await dataSource.initialize() },
      { copy, pageSize: PAGE_SIZE },
    );
    reset();
    return host;
  }

  describe.each([
    ['binary COPY', true],
    ['rows', false],
  ])('with pages read as %s', (_, copy) => {
    let host: ExportingHost;

    beforeEach(async () => (host = await start(copy)));
    afterEach(() => host.close());

    /** But not the one that asks what the columns are. */
    const readsPage = (statement: string) =>
      /"call_sid"[^]*"calls"/.test(statement) &&
      !statement.includes('"described"') &&
      /\bCOPY \(/.test(statement) === copy;

    it('are told of each statement of an export, as it is, and how long it took', async () => {
      expect(await host.export()).toBe(expected);
      const { logged, slow, failed, before, after } = told;
      expect(logged.filter(readsPage).length).toBeGreaterThanOrEqual(PAGES);
      // In the order in which they ended, of two that run at the same time.
      for (const statements of [slow, before, after]) {
        expect([...statements].sort()).toEqual([...logged].sort());
      }
      expect(failed).toEqual([]);
    });

    it('are told of a count', async () => {
      expect(await host.count()).toBe(CALLS);
      const counts = (statement: string) => /COUNT\(\*\)[^]*"calls"/.test(statement);
      for (const statements of [told.logged, told.slow, told.before, told.after]) {
        expect(statements.filter(counts)).toHaveLength(1);
      }
    });

    it('are told of a statement that fails', async () => {
      await host.export();
      reset();
      await withFailingCall(database.dataSource, () =>
        expect(host.export()).rejects.toThrow(FAILURE),
      );
      const [statement, ...others] = told.failed;
      expect(others).toEqual([]);
      expect(readsPage(statement as string)).toBe(true);
      expect(told.logged).toContain(statement);
      expect(told.after).toContain(`failed: ${statement}`);
      // It has no duration, unlike all others.
      expect(told.slow).toHaveLength(told.logged.length - 1);
    });
  });
});
