import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from 'node:http';
import { Download } from '../download';
import { SMALL_HEAP } from '../program';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi, megabytes } from './measured-api';

const ABORTS = 500;
const CONCURRENCY = 5;
/** Twice as many, since an aborted export keeps its slot until its current page has arrived. */
const SLOTS = 2 * CONCURRENCY;
const CALLS = 100_000;
const MAX_DELAY_MS = 400;
const TIMEOUT_MS = 300_000;

describe('The API with clients that disconnect', () => {
  let api: MeasuredApi;
  beforeAll(async () => {
    const slots = {
      EXPORT_MAX_PER_ACCOUNT: String(SLOTS),
      EXPORT_MAX_CONCURRENT: String(SLOTS),
    };
    api = await MeasuredApi.start(1, CALLS, slots, false, SMALL_HEAP);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  const queries = [
    '',
    'format=json',
    'status=queued',
    'date_from=2000-01-01',
    'format=json&status=busy',
  ];
  let started = 0;
  let failed = 0;

  /** Disconnects after a random delay: before the headers, during the body or after it. */
  async function abortOne(index: number): Promise<void> {
    const headers = { ...bearer(1), 'accept-encoding': index % 2 === 0 ? 'gzip' : 'identity' };
    const request = get(api.exportUrl(queries[index % queries.length]), { headers, agent: false });
    request.on('error', () => {});
    const closed = new Promise((resolve) => request.once('close', resolve));
    request.on('response', (response) => {
      response.on('error', () => {});
      if (response.statusCode === 200) started++;
      // On a slow machine, aborted exports may still occupy all slots.
      else if (response.statusCode !== 429) failed++;
      // Every third client reads nothing.
      if (index % 3 > 0) response.resume();
    });
    await sleep(randomInt(MAX_DELAY_MS));
    request.destroy();
    await closed;
  }

  it(
    `leaks nothing after ${ABORTS} aborts at random moments`,
    async () => {
      const complete = await (await Download.open(api.exportUrl(), bearer(1))).take();
      expect(complete.lines).toBe(CALLS + 1);
      // Warm up, so that one-time allocations don't count as leaks.
      for (let index = 0; index < CONCURRENCY; index++) await abortOne(index);
      const before = await api.atRest();

      let next = 0;
      await Promise.all(
        Array.from({ length: CONCURRENCY }, async () => {
          while (next < ABORTS) await abortOne(next++);
        }),
      );
      const connections = await api.connections();
      expect(connections.open).toBeLessThanOrEqual(10);
      const after = await api.atRest();
      expect(failed).toBe(0);
      expect(started).toBeGreaterThan(ABORTS / 4);
      expect(await api.connections()).toEqual({ open: 0, active: 0 });
      expect(after.resources).toEqual(before.resources);
      expect(after.heapMegabytes - before.heapMegabytes).toBeLessThan(5);
      expect(after.rssMegabytes - before.rssMegabytes).toBeLessThan(50);
      // All slots and all connections of the pool are free.
      const downloads = await Promise.all(
        Array.from({ length: SLOTS }, () => Download.open(api.exportUrl(), bearer(1))),
      );
      for (const download of await Promise.all(downloads.map((each) => each.take()))) {
        expect(download).toMatchObject({ lines: complete.lines, bytes: complete.bytes });
      }
      expect(api.complaints().filter((line) => line.export !== 'refused')).toEqual([]);
      figure(
        `${ABORTS} clients leave at random moments within ${MAX_DELAY_MS} ms, ${CONCURRENCY} at a time, ` +
          'half of them with gzip',
        'no statements, sockets, timers or slots left; ' +
          `heap ${before.heapMegabytes.toFixed(1)} → ${after.heapMegabytes.toFixed(1)} MB, ` +
          `memory ${megabytes(before)} → ${megabytes(after)}; ${SLOTS} concurrent exports are complete`,
      );
    },
    TIMEOUT_MS,
  );
});
