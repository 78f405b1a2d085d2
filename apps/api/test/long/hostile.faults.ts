import { connect } from 'node:net';
import * as fc from 'fast-check';
import { sign } from 'jsonwebtoken';
import { Download } from '../download';
import { SMALL_HEAP } from '../program';
import { bearer, SECRET } from '../start-api';
import { figure } from './figures';
import { MeasuredApi, megabytes } from './measured-api';

const REQUESTS = 20_000;
const AT_ONCE = 50;
const CALLS = 20;
/** Longer than an answer takes. */
const PATIENCE_MS = 500;
/** A request that has had no answer by then counts as one that hangs. */
const ANSWER_MS = 10_000;
const TIMEOUT_MS = 600_000;
const PATH = '/api/v1/calls/export';

const good = bearer(1)['authorization'] as string;
const claims = { account_id: 1, exp: Math.floor(Date.now() / 1000) + 3600 };

/** Mostly `value`, so that the rest of the request is looked at; else something else. */
const mostly = <T>(value: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array).toString('latin1'));
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  bytes(20),
  fc.string({ unit: 'grapheme', maxLength: 10 }).map(encodeURIComponent),
  fc.constantFrom(
    '%',
    '%zz',
    '%00',
    '%ff%fe',
    '%C0%AF',
    '%u0041',
    '../../etc/passwd',
    '\0',
    '${jndi:x}',
    "' OR 1=1--",
  ),
);
const value = fc.oneof(
  text,
  fc.constantFrom('csv', 'json', 'completed', '1', '-1', '1e999', '2147483648', '9'.repeat(400)),
  fc.constantFrom(
    '2023-10-30',
    '2023-02-31',
    '0000-01-01',
    '9999-12-31',
    '9999-12-31T23:59:59.999999999-23:59',
    '2023-10-30T10:00:00+02:00',
  ),
);
const name = fc.oneof(
  fc.constantFrom('format', 'status', 'assistant_id', 'date_from', 'date_to', 'timezone', 'after'),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'format[]',
    'format[a][b]',
    'status[0]',
    'limit',
    '',
  ),
  text,
);
const query = fc
  .oneof(
    fc.constantFrom<[string, string][]>([], [['format', 'json']], [['status', 'busy']]),
    fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 6 }),
  )
  .map((pairs) => pairs.map(([key, content]) => `${key}=${content}`).join('&'));
const target = mostly(
  PATH,
  fc.oneof(
    fc.constantFrom(
      '/',
      '*',
      '/docs',
      '/docs-json',
      '/health/live',
      '/health/ready',
      `${PATH}/`,
      `/${PATH}`,
      `${PATH}/../export`,
      '/api/v1/calls/%65xport',
      `http://elsewhere${PATH}`,
      `${PATH}#x`,
      `${PATH};x`,
    ),
    text.map((any) => `/${any}`),
    fc.integer({ min: 1, max: 70_000 }).map((length) => `/${'a'.repeat(length)}`),
  ),
);
const method = mostly(
  'GET',
  fc.oneof(
    fc.constantFrom(
      'HEAD',
      'OPTIONS',
      'POST',
      'PUT',
      'DELETE',
      'PATCH',
      'TRACE',
      'CONNECT',
      'PRI',
      'get',
      'GE T',
    ),
    text,
  ),
);
const token = fc.oneof(
  fc.constantFrom(
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'bearer x.y.z',
    `${good} ${good}`,
    `${good}x`,
    good.slice(0, -2),
    'Bearer ' + 'a'.repeat(20_000),
  ),
  fc.constantFrom(
    `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
    `Bearer ${sign({ ...claims, account_id: '1' }, SECRET)}`,
    `Bearer ${sign({ ...claims, account_id: 2 ** 40 }, SECRET)}`,
    `Bearer ${sign({ account_id: 1 }, SECRET)}`,
    `Bearer ${sign(claims, 'another secret of 32 bytes and more')}`,
  ),
  text.map((any) => `Bearer ${any}`),
);
const header = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'X-Test',
      'Cookie',
      'Origin',
      'Referer',
      'Accept',
      'Range',
      'If-None-Match',
      'X-Forwarded-For',
      'X-HTTP-Method-Override',
      'Accept-Encoding',
      'Content-Type',
      'Upgrade',
      'Connection',
    ),
    text,
  ),
  fc.constantFrom<[string, string]>(
    ['Accept-Encoding', 'gzip'],
    ['Accept-Encoding', 'gzip;q=1e9, *;q=NaN'],
    ['Expect', '100-continue'],
    ['Expect', 'nonsense'],
    ['Upgrade', 'websocket'],
    ['Range', 'bytes=0-1'],
    ['Content-Type', 'application/json; charset=nonsense'],
    ['Content-Encoding', 'nonsense'],
    ['Content-Length', '5'],
    ['Content-Length', '-1'],
    ['Content-Length', '99999999999999999999'],
    ['Transfer-Encoding', 'chunked'],
    ['Transfer-Encoding', 'xchunked'],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['Transfer-Encoding ', 'chunked'],
    ['Host', 'a, b'],
    ['X-Large', 'a'.repeat(17_000)],
  ),
);
const body = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.constantFrom(
    '{"a":',
    '0\r\n\r\n',
    '5\r\nabcde\r\n0\r\n\r\n',
    'FFFFFFFFFFFFFFFFF\r\n',
    `0\r\n\r\nGET ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `{"__proto__":{"x":1}}`,
  ),
  bytes(100),
);
/** As bytes on the wire. */
const request = fc
  .record({
    method,
    target,
    query,
    version: mostly(
      'HTTP/1.1',
      fc.constantFrom('HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', ''),
    ),
    host: mostly('Host: api\r\n', fc.constantFrom('', 'Host: a\r\nHost: b\r\n', 'Host:\r\n')),
    tokens: mostly([good], fc.array(fc.oneof(fc.constant(good), token), { maxLength: 3 })),
    headers: fc.array(header, { maxLength: 4 }),
    newline: mostly('\r\n', fc.constantFrom('\n', '\r', '\r\n ')),
    body,
    cut: mostly(1, fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map((parts) => {
    const headers = [...parts.headers, ...parts.tokens.map((each) => ['Authorization', each])];
    const whole =
      `${parts.method} ${parts.target}${parts.query && `?${parts.query}`} ${parts.version}\r\n${parts.host}` +
      `Connection: close\r\n${headers.map(([key, content]) => `${key}: ${content}${parts.newline}`).join('')}\r\n${parts.body}`;
    return whole.slice(0, Math.ceil(whole.length * parts.cut));
  });

/** Sends the bytes, later the end of its side, and gives the statuses that come back. */
function send(port: number, raw: string): Promise<number[]> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(raw, 'latin1');
      // What is cut off gets no answer until it is plain that no more will come.
      setTimeout(() => socket.end(), PATIENCE_MS).unref();
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`No answer in ${ANSWER_MS} ms to ${JSON.stringify(raw.slice(0, 2000))}`));
    }, ANSWER_MS);
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(
        [...answer.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, status]) => Number(status)),
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
    `answers ${REQUESTS} of them without a failure of its own`,
    async () => {
      const port = Number(new URL(api.url).port);
      const counts = new Map<string, number>();
      const attack = async (requests: string[]) => {
        let next = 0;
        await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
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
      const requests = fc.sample(request, REQUESTS);
      // What grows once is compiled code and buffers; what must not grow is what is left of each request.
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
      const answers = [...counts].sort().map(([status, count]) => `${count} × ${status}`);
      figure(
        `${REQUESTS} generated requests: query strings, encodings, headers, tokens, methods, URLs of 70 KB, smuggling, cut off`,
        `${answers.join(', ')}; no 5xx, no hang; heap ${before.heapMegabytes.toFixed(1)} → ${after.heapMegabytes.toFixed(1)} MB, memory ${megabytes(before)} → ${megabytes(after)}`,
      );
    },
    TIMEOUT_MS,
  );
});
