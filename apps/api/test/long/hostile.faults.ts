import { connect } from 'node:net';
import * as fc from 'fast-check';
import { Download } from '../download';
import { SMALL_HEAP } from '../program';
import { bearer } from '../start-api';
import { figure } from './figures';
import { anyRequest } from './hostile-requests';
import { MeasuredApi, megabytes } from './measured-api';

const REQUESTS = 20_000;
const CONCURRENCY = 50;
const CALLS = 20;
/** Longer than a response takes. */
const END_AFTER_MS = 500;
/** A request without a response by then counts as hanging. */
const RESPONSE_MS = 10_000;
const TIMEOUT_MS = 600_000;

/** Sends the bytes, half-closes the connection after a while, and returns the status codes of the responses. */
function send(port: number, raw: string): Promise<number[]> {
  return new Promise((resolve, reject) => {
    let response = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(raw, 'latin1');
      // The API waits for the rest of an incomplete request until the client half-closes.
      setTimeout(() => socket.end(), END_AFTER_MS).unref();
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(`No response within ${RESPONSE_MS} ms to ${JSON.stringify(raw.slice(0, 2000))}`),
      );
    }, RESPONSE_MS);
    socket.setEncoding('latin1').on('data', (chunk: string) => (response += chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(
        [...response.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, status]) => Number(status)),
      );
    });
  });
}

describe('The API under hostile requests', () => {
  let api: MeasuredApi;
  beforeAll(async () => {
    const unlimited = { EXPORT_MAX_PER_ACCOUNT: '1000', EXPORT_MAX_CONCURRENT: '1000' };
    api = await MeasuredApi.start(1, CALLS, unlimited, false, SMALL_HEAP);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  it(
    `responds to all ${REQUESTS}, and never with a 5xx`,
    async () => {
      const port = Number(new URL(api.url).port);
      const counts = new Map<string, number>();
      const attack = async (requests: string[]) => {
        let next = 0;
        await Promise.all(
          Array.from({ length: CONCURRENCY }, async () => {
            while (next < requests.length) {
              const raw = requests[next++] as string;
              const statuses = await send(port, raw);
              for (const status of statuses) {
                if (status >= 500) throw new Error(`${status} to ${JSON.stringify(raw)}`);
              }
              const key = statuses.length > 0 ? String(statuses[0]) : 'closed';
              counts.set(key, (counts.get(key) ?? 0) + 1);
            }
          }),
        );
      };
      const requests = fc.sample(anyRequest, REQUESTS);
      // Warm up, so that compiled code and buffers don't count as leaks.
      await attack(requests.slice(0, REQUESTS / 4));
      const before = await api.atRest();
      await attack(requests.slice(REQUESTS / 4));
      const after = await api.atRest();

      expect(counts.get('200')).toBeGreaterThan(REQUESTS / 20);
      expect(after.resources).toEqual(before.resources);
      expect(after.heapMegabytes - before.heapMegabytes).toBeLessThan(5);
      expect(after.rssMegabytes - before.rssMegabytes).toBeLessThan(50);
      expect((await (await Download.open(api.exportUrl(), bearer(1))).take()).lines).toBe(
        CALLS + 1,
      );
      expect(api.complaints().filter(({ level }) => level !== 'warn')).toEqual([]);
      const responses = [...counts].sort().map(([status, count]) => `${count} × ${status}`);
      const [heapBefore, heapAfter] = [before, after].map((usage) =>
        usage.heapMegabytes.toFixed(1),
      );
      figure(
        `${REQUESTS} generated requests: query strings, encodings, headers, tokens, methods, ` +
          'URLs of 70 KB, smuggling, incomplete requests',
        `${responses.join(', ')}; no 5xx, no hang; heap ${heapBefore} → ${heapAfter} MB, ` +
          `memory ${megabytes(before)} → ${megabytes(after)}`,
      );
    },
    TIMEOUT_MS,
  );
});
