import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedCalls } from '@calls/seed-calls';
import { Download } from '../download';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi, megabytes, type Usage } from './measured-api';

const MINUTES = Number(process.env['ENDURANCE_MINUTES'] ?? 10);
const ACCOUNTS = 4;
const CALLS = 50_000;
/** The account that is written to during the whole test. */
const BUSY = ACCOUNTS;
const BATCH = 100;
const SLOW_BYTES_PER_SECOND = 500_000;
const SAMPLE_MS = 15_000;
const TIMEOUT_MS = (MINUTES + 5) * 60_000;

const QUERIES = [
  'format=csv',
  'format=json',
  'format=csv&date_from=2000-01-01',
  'format=json&assistant_id=1',
  'format=csv&status=completed',
];

describe('The API under a mixed load', () => {
  let api: MeasuredApi;
  beforeAll(async () => {
    api = await MeasuredApi.start(ACCOUNTS, CALLS);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  /** Counts the calls that a query selects, by SQL. */
  async function expectedCalls(account: number, query: string): Promise<number> {
    const parameters = new URLSearchParams(query);
    const [{ count }] = await api.dataSource.query(
      `SELECT count(*)::int AS count FROM calls
       WHERE account_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::int IS NULL OR assistant_id = $3)
         AND ($4::timestamptz IS NULL OR started_at >= $4)`,
      [account, ...['status', 'assistant_id', 'date_from'].map((name) => parameters.get(name))],
    );
    return count;
  }

  it(
    `loses no calls and leaks no memory or connections in ${MINUTES} minutes`,
    async () => {
      const end = Date.now() + MINUTES * 60_000;
      const isOver = () => Date.now() > end;
      const counts = { complete: 0, slow: 0, aborted: 0, calls: 0, written: 0 };
      const samples: Usage[] = [];

      const open = (account: number, query: string) =>
        Download.open(api.exportUrl(query), {
          ...bearer(account),
          'accept-encoding': randomInt(2) ? 'gzip' : 'identity',
        });

      /** Downloads an export and checks its length. Calls written meanwhile may be in the file or not. */
      const download = async (account: number, bytesPerSecond?: number) => {
        const query = QUERIES[randomInt(QUERIES.length)] as string;
        const before = await expectedCalls(account, query);
        const { lines } = await (await open(account, query)).take(bytesPerSecond);
        const after = await expectedCalls(account, query);
        // Less the CSV header or the JSON bracket. Without calls, JSON has no newline at all.
        const calls = Math.max(0, lines - 1);
        if (!(before <= calls && calls <= after)) {
          throw new Error(
            `${query} must give ${before} to ${after} calls of account ${account}, got ${calls}`,
          );
        }
        counts.calls += calls;
      };

      const normal = async () => {
        while (!isOver()) {
          await download(1 + randomInt(ACCOUNTS));
          counts.complete++;
        }
      };
      const slow = async (account: number) => {
        while (!isOver()) {
          await download(account, SLOW_BYTES_PER_SECOND);
          counts.slow++;
        }
      };
      const aborting = async (account: number) => {
        while (!isOver()) {
          const running = await open(account, QUERIES[randomInt(QUERIES.length)] as string);
          if (randomInt(2)) running.response.resume();
          await sleep(randomInt(300));
          running.abort();
          counts.aborted++;
        }
      };
      const writing = async () => {
        while (!isOver()) {
          await seedCalls(api.dataSource, BUSY, BATCH);
          counts.written += BATCH;
          await sleep(1000);
        }
      };
      const watching = async () => {
        while (!isOver()) {
          await sleep(SAMPLE_MS);
          samples.push(await api.usage());
        }
      };
      await Promise.all([
        normal(),
        slow(1),
        slow(2),
        aborting(3),
        aborting(BUSY),
        writing(),
        watching(),
      ]);

      const rest = await api.atRest();
      expect(await api.connections()).toEqual({ open: 0, active: 0 });
      expect(rest.resources['Timeout']).toBeUndefined();
      expect(api.complaints()).toEqual([]);
      // Skip the first fifth, which has the one-time allocations.
      const settled = samples.slice(Math.ceil(samples.length / 5));
      const mean = (part: Usage[], key: 'heapMegabytes' | 'rssMegabytes') =>
        part.reduce((sum, usage) => sum + usage[key], 0) / part.length;
      const half = Math.floor(settled.length / 2);
      const [early, late] = [settled.slice(0, half), settled.slice(half)];
      expect(mean(late, 'heapMegabytes') - mean(early, 'heapMegabytes')).toBeLessThan(5);
      expect(mean(late, 'rssMegabytes') - mean(early, 'rssMegabytes')).toBeLessThan(30);
      const rss = settled.map(({ rssMegabytes }) => Math.round(rssMegabytes));
      const [heapBefore, heapAfter] = [early, late].map((part) =>
        mean(part, 'heapMegabytes').toFixed(1),
      );
      figure(
        `${MINUTES} minutes of complete exports (${counts.complete}), slow ones (${counts.slow}) and ` +
          `aborted ones (${counts.aborted}), in both formats, with filters, half with gzip, while ` +
          `${counts.written} calls were written`,
        `${counts.calls} exported calls, in each file as many as the database has; no failure; ` +
          `heap ${heapBefore} → ${heapAfter} MB (first and second half), ` +
          `memory ${Math.min(...rss)} to ${Math.max(...rss)} MB, ${megabytes(rest)} at rest`,
      );
    },
    TIMEOUT_MS,
  );
});
