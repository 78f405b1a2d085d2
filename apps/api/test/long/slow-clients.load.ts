import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@calls/testing';
import { Download } from '../download';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi, megabytes } from './measured-api';

const ACCOUNTS = 50;
const CALLS = 60_000;
const CLIENTS = 200;
const BYTES_PER_SECOND = 10_000;
const WATCH_SECONDS = 100;
const SAMPLE_MS = 250;
/** How many consecutive samples without an active connection show that all buffers are full. */
const QUIET_SAMPLES = 8;
const SETTLE_MS = 300_000;
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

  /** @returns the duration of a complete export in milliseconds. */
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
    `holds no database connections for ${CLIENTS} of them, and serves others at normal speed`,
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
      let aborted = 0;
      for (const download of slow) {
        download.take(BYTES_PER_SECOND).catch((error: Error) => {
          if (error.message === 'aborted' && !done) aborted++;
        });
      }
      let done = false;

      expect(new Set(slow.map(({ response }) => response.statusCode))).toEqual(new Set([200]));
      // Until the sockets' buffers are full, exports use connections.
      let quiet = 0;
      await until(async () => {
        await sleep(SAMPLE_MS);
        quiet = (await api.connections()).active > 0 ? 0 : quiet + 1;
        return quiet === QUIET_SAMPLES;
      }, SETTLE_MS);
      const beside = await normalTime();
      let samples = 0;
      let active = 0;
      for (
        const end = Date.now() + WATCH_SECONDS * 1000;
        Date.now() < end;
        await sleep(SAMPLE_MS)
      ) {
        samples++;
        active += (await api.connections()).active;
      }
      const usage = await api.usage();
      done = true;
      const unfinished = slow.filter(({ response }) => !response.readableEnded).length;
      for (const download of slow) download.abort();

      // Now and then a client has read a page, and the API queries the next one.
      expect(active / samples).toBeLessThan(1);
      expect([aborted, unfinished]).toEqual([0, CLIENTS]);
      expect(beside / alone).toBeLessThan(1.5);
      expect(api.complaints().filter((line) => line.export === 'failed')).toEqual([]);
      const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
      figure(
        `${CLIENTS} clients that read ${BYTES_PER_SECOND / 1000} KB/s, for ${WATCH_SECONDS} s`,
        `hold ${(active / samples).toFixed(2)} of 10 connections on average; none is disconnected; ` +
          `memory ${megabytes(idle)} → ${megabytes(usage)}`,
      );
      figure(
        `An export of ${CALLS} calls at the same time`,
        `${seconds(beside)}, alone ${seconds(alone)} (medians of ${NORMAL_EXPORTS})`,
      );
    },
    TIMEOUT_MS,
  );
});
