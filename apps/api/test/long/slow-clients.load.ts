import { setTimeout as sleep } from 'node:timers/promises';
import { Download } from '../download';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi, megabytes } from './measured-api';

const ACCOUNTS = 50;
const CALLS = 60_000;
const CLIENTS = 200;
const BYTES_PER_SECOND = 10_000;
const WATCH_SECONDS = 100;
const LOOK_MS = 250;
/** So often in a row nothing is read when all is settled. */
const QUIET_LOOKS = 8;
const NORMAL_EXPORTS = 15;
const TIMEOUT_MS = 900_000;

const median = (numbers: number[]) =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

describe('The API with slow clients', () => {
  let api: MeasuredApi;
  beforeAll(async () => {
    api = await MeasuredApi.start(ACCOUNTS, CALLS, {
      EXPORT_MAX_CONCURRENT: String(CLIENTS + 1),
      EXPORT_MAX_PER_ACCOUNT: String(CLIENTS / ACCOUNTS + 1),
    });
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  /** A whole export, in milliseconds. */
  async function timeExport(): Promise<number> {
    const start = performance.now();
    const download = await Download.open(api.exportUrl('format=json'), bearer(1));
    expect(download.response.statusCode).toBe(200);
    expect((await download.take()).lines).toBe(CALLS + 1);
    return performance.now() - start;
  }

  async function normalTime(): Promise<number> {
    const times = [];
    for (let count = 0; count < NORMAL_EXPORTS; count++) times.push(await timeExport());
    return median(times);
  }

  it(
    `holds no connection for ${CLIENTS} of them, and serves others as fast as ever`,
    async () => {
      await normalTime();
      const idle = await api.atRest();
      const alone = await normalTime();

      const url = api.exportUrl('format=json');
      const slow = await Promise.all(
        Array.from({ length: CLIENTS }, (_, index) =>
          Download.open(url, bearer(1 + (index % ACCOUNTS))),
        ),
      );
      let broken = 0;
      for (const download of slow) {
        download.take(BYTES_PER_SECOND).catch((error: Error) => {
          if (error.message === 'aborted' && !done) broken++;
        });
      }
      let done = false;

      expect(new Set(slow.map(({ response }) => response.statusCode))).toEqual(new Set([200]));
      // Until the sockets' buffers are full: to read what goes there takes connections.
      for (let quiet = 0; quiet < QUIET_LOOKS; await sleep(LOOK_MS)) {
        quiet = (await api.connections()).active > 0 ? 0 : quiet + 1;
      }
      const beside = await normalTime();
      let looks = 0;
      let active = 0;
      for (const end = Date.now() + WATCH_SECONDS * 1000; Date.now() < end; await sleep(LOOK_MS)) {
        looks++;
        active += (await api.connections()).active;
      }
      const usage = await api.usage();
      done = true;
      const unfinished = slow.filter(({ response }) => !response.readableEnded).length;
      for (const download of slow) download.abort();

      // Now and then one of them has taken a page, and the next one is read.
      expect(active / looks).toBeLessThan(1);
      expect([broken, unfinished]).toEqual([0, CLIENTS]);
      expect(beside / alone).toBeLessThan(1.5);
      expect(api.complaints().filter((line) => line.export === 'failed')).toEqual([]);
      const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
      figure(
        `${CLIENTS} clients that take ${BYTES_PER_SECOND / 1000} KB/s, for ${WATCH_SECONDS} s`,
        `hold ${(active / looks).toFixed(2)} of 10 connections on average; none is cut off; memory ${megabytes(idle)} → ${megabytes(usage)}`,
      );
      figure(
        `An export of ${CALLS} calls beside them`,
        `${seconds(beside)}, alone ${seconds(alone)} (medians of ${NORMAL_EXPORTS})`,
      );
    },
    TIMEOUT_MS,
  );
});
