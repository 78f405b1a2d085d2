import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchKeySet } from './fetch-key-set';

const MAX_BYTES = 1_000_000;

const jwkOf = ({ publicKey }: { publicKey: KeyObject }) => publicKey.export({ format: 'jwk' });
const ED25519_PAIR = generateKeyPairSync('ed25519');
const ED25519 = jwkOf(ED25519_PAIR);
const P256 = jwkOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
/** The modulus of RFC 7515, appendix A.2, and a short one. */
const RSA = {
  kty: 'RSA',
  n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
};
const SHORT_RSA = { ...RSA, n: 'AQAB'.repeat(32) };

describe('fetchKeySet', () => {
  let server: Server;
  let uri: string;
  let respond: RequestListener;
  const requests: IncomingMessage[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request);
      respond(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });
  beforeEach(() => (requests.length = 0));
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const fetchText = (text: string) => {
    respond = (_, response) => response.end(text);
    return fetchKeySet(uri);
  };
  const fetchSet = (...keys: unknown[]) => fetchText(JSON.stringify({ keys }));

  it('returns the keys in order, each with its id and algorithms', async () => {
    const keys = await fetchSet({ ...P256, kid: 'one' }, RSA, { ...ED25519, kid: 'three' });
    expect(keys.map(({ kid, algorithms }) => [kid, algorithms])).toEqual([
      ['one', ['ES256']],
      [undefined, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
      ['three', ['EdDSA', 'Ed25519']],
    ]);
    const expected = [P256, RSA, ED25519].map((key) => createPublicKey({ key, format: 'jwk' }));
    expect(keys.map(({ key }, index) => key.equals(expected[index] as KeyObject))).toEqual([
      true,
      true,
      true,
    ]);
    expect(requests.map(({ method, url, headers }) => [method, url, headers.accept])).toEqual([
      ['GET', '/keys', 'application/json, application/jwk-set+json'],
    ]);
  });

  it.each<[string, object, string[]]>([
    ['alg', { ...RSA, alg: 'PS384' }, ['PS384']],
    ['use', { ...P256, use: 'sig' }, ['ES256']],
    ['key_ops', { ...P256, key_ops: ['encrypt', 'verify'] }, ['ES256']],
    ['unknown members', { ...P256, constructor: 1, x5t: 'x' }, ['ES256']],
  ])('honors the members of a key: %s', async (_, jwk, algorithms) => {
    expect(await fetchSet(jwk)).toEqual([expect.objectContaining({ algorithms })]);
  });

  it.each<[string, unknown]>([
    ['is private', ED25519_PAIR.privateKey.export({ format: 'jwk' })],
    ['is for encryption', { ...P256, use: 'enc' }],
    ['has an unknown use', { ...P256, use: null }],
    ['is for other operations', { ...P256, key_ops: ['sign', 'encrypt'] }],
    ['is for no operation', { ...P256, key_ops: [] }],
    ['has operations that are not an array', { ...P256, key_ops: 'verify' }],
    ['is for an algorithm of another key type', { ...P256, alg: 'RS256' }],
    ['has an algorithm that is not a string', { ...P256, alg: null }],
    ['is too short', SHORT_RSA],
    ['is a secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['is of an unknown type', { kty: 'new' }],
    ['is invalid', { ...P256, x: 'AAAA' }],
    ['is empty', {}],
    ['is null', null],
    ['is a string', 'key'],
  ])('ignores a key that %s', async (_, jwk) => {
    expect(await fetchSet(jwk, ED25519)).toHaveLength(1);
    expect(await fetchSet(jwk)).toEqual([]);
  });

  it('accepts 100 keys, but not 101', async () => {
    expect(await fetchSet(...Array(99).fill(null), ED25519)).toHaveLength(1);
    await expect(fetchSet(...Array(101).fill(null))).rejects.toThrow(
      /^the key set has more than 100 keys$/,
    );
  });

  it.each([
    ['HTML', '<html>', 'the response is not JSON'],
    ['nothing', '', 'the response is not JSON'],
    ['null', 'null', 'the response is not a JSON Web Key Set'],
    ['another object', '{"key":[]}', 'the response is not a JSON Web Key Set'],
    [
      'keys that are not an array',
      '{"keys":{"length":0}}',
      'the response is not a JSON Web Key Set',
    ],
  ])('fails if the server sends %s', async (_, text, message) => {
    await expect(fetchText(text)).rejects.toThrow(new Error(message));
  });

  it('accepts 1000000 bytes, but not one more', async () => {
    const text = JSON.stringify({ keys: [ED25519] });
    expect(await fetchText(text.padEnd(MAX_BYTES))).toHaveLength(1);
    await expect(fetchText(text.padEnd(MAX_BYTES + 1))).rejects.toThrow(
      /^the response exceeds 1000000 bytes$/,
    );
  });

  it('closes the connection if the server exceeds the limit', async () => {
    const closed = new Promise((resolve) => {
      respond = (_, response) => {
        response.on('close', resolve).write(' '.repeat(MAX_BYTES + 1));
      };
    });
    await expect(fetchKeySet(uri)).rejects.toThrow(/exceeds/);
    await closed;
  });

  it.each([201, 204, 304, 404, 500])('fails if the server returns %d', async (status) => {
    respond = (_, response) => response.writeHead(status).end(status === 204 ? '' : '{"keys":[]}');
    await expect(fetchKeySet(uri)).rejects.toThrow(
      new Error(`expected status 200, got ${status} (redirects are not followed)`),
    );
  });

  it('does not follow a redirect', async () => {
    respond = (_, response) => response.writeHead(302, { location: '/elsewhere' }).end();
    await expect(fetchKeySet(uri)).rejects.toThrow(/^expected status 200, got 302/);
    expect(requests.map(({ url }) => url)).toEqual(['/keys']);
  });

  it.each<[string, RequestListener]>([
    ['does not respond', () => {}],
    ['stops in the middle of the response', (_, response) => response.write('{"keys":[')],
  ])('times out after 5 seconds if the server %s', async (_, listener) => {
    const { timeout } = AbortSignal;
    // Speed up the timeout a hundredfold.
    jest
      .spyOn(AbortSignal, 'timeout')
      .mockImplementation((ms) => timeout.call(AbortSignal, ms / 100));
    respond = listener;
    const start = performance.now();
    await expect(fetchKeySet(uri)).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    expect(performance.now() - start).toBeGreaterThan(45);
  });
});
