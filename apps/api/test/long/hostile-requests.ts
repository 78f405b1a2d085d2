import * as fc from 'fast-check';
import { sign } from 'jsonwebtoken';
import { bearer, SECRET } from '../start-api';

const PATH = '/api/v1/calls/export';
const good = bearer(1)['authorization'] as string;
const claims = { account_id: 1, exp: Math.floor(Date.now() / 1000) + 3600 };

/** Usually `value`, so that the API does not stop before the rest of the request. */
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
/** Generates requests as they are sent. */
export const anyRequest: fc.Arbitrary<string> = fc
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
    const complete =
      `${parts.method} ${parts.target}${parts.query && `?${parts.query}`} ${parts.version}\r\n${parts.host}` +
      `Connection: close\r\n${headers.map(([key, content]) => `${key}: ${content}${parts.newline}`).join('')}\r\n${parts.body}`;
    return complete.slice(0, Math.ceil(complete.length * parts.cut));
  });
