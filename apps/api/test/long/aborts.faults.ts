import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from 'node:http';
import { Download } from '../download';
import { SMALL_HEAP } from '../program';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi, megabytes } from './measured-api';

const ABORTS = 500;
const AT_ONCE = 5;
/** An export that is left keeps its place until its page has come. */
const PLACES = 2 * AT_ONCE;
const CALLS = 100_000;
const LONGEST_MS = 400;
const TIMEOUT_MS = 300_000;

describe('The API whose clients go away', () => {
  let api: MeasuredApi;
  beforeAll(async () => {
    const places = {
      EXPORT_MAX_PER_ACCOUNT: String(PLACES),
      EXPORT_MAX_CONCURRENT: String(PLACES),
    };
    api = await MeasuredApi.start(1, CALLS, places, false, SMALL_HEAP);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  const queries = [
    '',
    'format=json',
    'status=queued',
    'date_from=2000-01-01',
    'format=json&status=busy',
  ];
  let begun = 0;
  let failed = 0;

  /** Before the headers, in the middle, or when all has been sent: as it comes. */
  async function abortOne(index: number): Promise<void> {
    const headers = { ...bearer(1), 'accept-encoding': index % 2 === 0 ? 'gzip' : 'identity' };
    const request = get(api.exportUrl(queries[index % queries.length]), { headers, agent: false });
    request.on('error', () => {});
    const closed = new Promise((resolve) => request.once('close', resolve));
    request.on('response', (response) => {
      response.on('error', () => {});
      if (response.statusCode === 200) begun++;
      // A slow machine may still be reading the last pages of as many exports as there are places.
      else if (response.statusCode !== 429) failed++;
      // Every third one takes nothing meanwhile.
      if (index % 3 > 0) response.resume();
    });
    await sleep(randomInt(LONGEST_MS));
    request.destroy();
    await closed;
  }

  it(
    `is as before after ${ABORTS} aborts at random moments`,
    async () => {
      const whole = await (await Download.open(api.exportUrl(), bearer(1))).take();
      expect(whole.lines).toBe(CALLS + 1);
      // What is allocated once, by the first requests, is not what the aborts leave.
      for (let index = 0; index < AT_ONCE; index++) await abortOne(index);
      const before = await api.atRest();

      let next = 0;
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (next < ABORTS) await abortOne(next++);
        }),
      );
      const connections = await api.connections();
      expect(connections.open).toBeLessThanOrEqual(10);
      const after = await api.atRest();
      expect(failed).toBe(0);
      expect(begun).toBeGreaterThan(ABORTS / 4);
      expect(await api.connections()).toEqual({ open: 0, active: 0 });
      expect(after.resources).toEqual(before.resources);
      expect(after.heapMegabytes - before.heapMegabytes).toBeLessThan(5);
      expect(after.rssMegabytes - before.rssMegabytes).toBeLessThan(50);
      // All places are free, and the pool is whole.
      const downloads = await Promise.all(
        Array.from({ length: PLACES }, () => Download.open(api.exportUrl(), bearer(1))),
      );
      for (const download of await Promise.all(downloads.map((each) => each.take()))) {
        expect(download).toMatchObject({ lines: whole.lines, bytes: whole.bytes });
      }
      expect(api.complaints().filter((line) => line.export !== 'refused')).toEqual([]);
      figure(
        `${ABORTS} clients go away at random moments within ${LONGEST_MS} ms, ${AT_ONCE} at a time, half of them with gzip`,
        `0 statements, sockets, timers and places left; heap ${before.heapMegabytes.toFixed(1)} → ${after.heapMegabytes.toFixed(1)} MB, memory ${megabytes(before)} → ${megabytes(after)}; ${PLACES} exports at once are whole`,
      );
    },
    TIMEOUT_MS,
  );
});
