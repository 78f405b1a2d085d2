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
import { ExportingHost, postgresOptions, READERS } from './exporting-host';
import { FAILURE, withFailingCall } from './failing-call';

const CALLS = 1_000;
const PAGE_SIZE = 100;
const PAGES = CALLS / PAGE_SIZE;

/** The statements that the logger and the subscriber were called with. */
interface Seen {
  logged: string[];
  slow: string[];
  failed: string[];
  before: string[];
  after: string[];
}

let seen: Seen;
const reset = () => (seen = { logged: [], slow: [], failed: [], before: [], after: [] });

/** The host's own logger. */
const logger: Logger = {
  logQuery: (statement) => seen.logged.push(statement),
  logQuerySlow: (milliseconds, statement) =>
    seen.slow.push(milliseconds >= 0 ? statement : `in ${milliseconds} ms: ${statement}`),
  logQueryError: (_error, statement) => seen.failed.push(statement),
  logSchemaBuild: () => {},
  logMigration: () => {},
  log: () => {},
};

@EventSubscriber()
class StatementSubscriber implements EntitySubscriberInterface {
  beforeQuery({ query }: BeforeQueryEvent): void {
    seen.before.push(query);
  }

  afterQuery({ query, success }: AfterQueryEvent): void {
    seen.after.push(`${success ? '' : 'failed: '}${query}`);
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
      // Every statement exceeds this limit. 0 would switch it off.
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

  describe.each(READERS)('with pages read as %s', (_, copy) => {
    let host: ExportingHost;

    beforeEach(async () => (host = await start(copy)));
    afterEach(() => host.close());

    /** Whether a statement reads a page; the one that only describes the columns does not. */
    const readsPage = (statement: string) =>
      /"call_sid"[^]*"calls"/.test(statement) &&
      !statement.includes('"described"') &&
      /\bCOPY \(/.test(statement) === copy;

    it('are called with each statement of an export, unchanged, and its duration', async () => {
      expect(await host.export()).toBe(expected);
      const { logged, slow, failed, before, after } = seen;
      expect(logged.filter(readsPage).length).toBeGreaterThanOrEqual(PAGES);
      // Concurrent statements may end in another order.
      for (const statements of [slow, before, after]) {
        expect([...statements].sort()).toEqual([...logged].sort());
      }
      expect(failed).toEqual([]);
    });

    it('are called with the statement of a count', async () => {
      expect(await host.count()).toBe(CALLS);
      const counts = (statement: string) => /COUNT\(\*\)[^]*"calls"/.test(statement);
      for (const statements of [seen.logged, seen.slow, seen.before, seen.after]) {
        expect(statements.filter(counts)).toHaveLength(1);
      }
    });

    it('are called with a statement that fails', async () => {
      await host.export();
      reset();
      await withFailingCall(database.dataSource, () =>
        expect(host.export()).rejects.toThrow(FAILURE),
      );
      const [statement, ...others] = seen.failed;
      expect(others).toEqual([]);
      expect(readsPage(statement as string)).toBe(true);
      expect(seen.logged).toContain(statement);
      expect(seen.after).toContain(`failed: ${statement}`);
      // Only the failed statement has no duration.
      expect(seen.slow).toHaveLength(seen.logged.length - 1);
    });
  });
});
