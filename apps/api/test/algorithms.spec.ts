import {
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult as Pair,
  sign as signBytes,
} from 'node:crypto';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { KeyServer } from './key-server';
import { pem } from './pem';
import { type Api, SECRET, startApi, withToken } from './start-api';

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SHORT_RSA = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ED25519 = generateKeyPairSync('ed25519');
const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const pss = (hash: string, saltLength: number) =>
  // The types of Node.js only cover the overload that returns encoded keys.
  (generateKeyPairSync as (type: string, options: object) => Pair)('rsa-pss', {
    modulusLength: 2048,
    hashAlgorithm: hash,
    mgf1HashAlgorithm: hash,
    saltLength,
  });

/** Key pairs, and the algorithms that each supports. */
const PAIRS: [string, Pair, string[]][] = [
  ['RSA', RSA, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['RSA-PSS of SHA-256', pss('sha256', 32), ['PS256']],
  ['RSA-PSS of SHA-512', pss('sha512', 64), ['PS512']],
  ['P-256', curve('prime256v1'), ['ES256']],
  ['P-384', curve('secp384r1'), ['ES384']],
  ['P-521', curve('secp521r1'), ['ES512']],
  ['Ed25519', ED25519, ['EdDSA', 'Ed25519']],
];
const ALGORITHMS = [...new Set(PAIRS.flatMap(([, , algorithms]) => algorithms))];

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs a token with any header, without the library that verifies it. */
function tokenOf(
  header: Record<string, unknown>,
  key: KeyObject | string,
  claims: object = { account_id: 1, exp: Math.floor(Date.now() / 1000) + 60 },
): string {
  const data = `${encode({ typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${data}.${signature(String(header['alg']), key, Buffer.from(data)).toString('base64url')}`;
}

function signature(alg: string, key: KeyObject | string, data: Buffer): Buffer {
  const bits = /\d{3}$/.exec(alg)?.[0] ?? '256';
  if (typeof key === 'string') return createHmac(`sha${bits}`, key).update(data).digest();
  if (key.asymmetricKeyType === 'ed25519') return signBytes(null, data, key);
  const options = {
    key,
    dsaEncoding: 'ieee-p1363' as const,
    ...(alg.startsWith('PS') && { padding: 6, saltLength: Number(bits) / 8 }),
  };
  return signBytes(`sha${bits}`, data, options);
}

describeEachDatabase(
  'The algorithm of a token',
  dataSourceOptions,
  (database) => {
    let api: Api | undefined;
    let server: KeyServer;
    const start = async (settings: Partial<Environment>) => {
      await api?.close();
      api = await startApi(database.url, { JWT_SECRET: undefined, ...settings });
    };
    beforeAll(async () => (server = await KeyServer.start()));
    afterAll(() => server.stop());
    afterEach(async () => {
      await api?.close();
      api = undefined;
    });
    const statusOf = async (token: string) =>
      (await (api as Api).export('', withToken(token))).status;

    /** The algorithms with which a token signed by this key is accepted. */
    async function acceptedBy(key: KeyObject, kid?: string): Promise<string[]> {
      const accepted: string[] = [];
      for (const alg of ALGORITHMS) {
        let token: string;
        try {
          token = tokenOf({ alg, kid }, key);
        } catch {
          // The key does not support the algorithm, such as the length of its salt.
          continue;
        }
        const status = await statusOf(token);
        if (status === 200) accepted.push(alg);
        else expect(status).toBe(401);
      }
      return accepted;
    }

    it.each(PAIRS)('must match the type of JWT_PUBLIC_KEY (%s)', async (_, pair, algorithms) => {
      const key = pem(pair.publicKey);
      await start({ JWT_PUBLIC_KEY: key });
      expect(await acceptedBy(pair.privateKey)).toEqual(algorithms);
      // The public key is not secret, so it must not verify an HMAC.
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        expect(await statusOf(tokenOf({ alg }, key))).toBe(401);
      }
      expect(await statusOf(tokenOf({ alg: 'none' }, '').replace(/[^.]*$/, ''))).toBe(401);
    });

    it('must match the type and the alg of the key in JWT_JWKS_URI', async () => {
      const published = PAIRS.filter(([name]) => !name.startsWith('RSA-PSS'));
      const jwk = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), ...more });
      server.keys = [
        ...published.map(([kid, { publicKey: key }]) => ({ kid, key })),
        jwk(RSA.publicKey, { kid: 'PS384 alone', alg: 'PS384' }),
        jwk(RSA.publicKey, { kid: 'encryption', use: 'enc' }),
        jwk(RSA.publicKey, { kid: 'wrapping', key_ops: ['wrapKey'] }),
        jwk(RSA.privateKey, { kid: 'private' }),
        jwk(SHORT_RSA.publicKey, { kid: 'short' }),
        { kty: 'oct', kid: 'secret', k: Buffer.from(SECRET).toString('base64url') },
        { kty: 'EC', crv: 'P-256', kid: 'off the curve', x: 'AQ', y: 'AQ' },
        { kty: 'unknown', kid: 'unknown' },
      ];
      await start({ JWT_JWKS_URI: server.uri });
      for (const [kid, { privateKey }, algorithms] of published) {
        expect([kid, await acceptedBy(privateKey, kid)]).toEqual([kid, algorithms]);
      }
      expect(await acceptedBy(RSA.privateKey, 'PS384 alone')).toEqual(['PS384']);
      for (const kid of ['encryption', 'wrapping', 'private', 'off the curve', 'unknown']) {
        expect([kid, await acceptedBy(RSA.privateKey, kid)]).toEqual([kid, []]);
      }
      expect(await acceptedBy(SHORT_RSA.privateKey, 'short')).toEqual([]);
      expect(await statusOf(tokenOf({ alg: 'HS256', kid: 'secret' }, SECRET))).toBe(401);
      // Without a key id, every key of a suitable type is tried.
      expect(await statusOf(tokenOf({ alg: 'ES384' }, PAIRS[4]?.[1].privateKey as KeyObject))).toBe(
        200,
      );
    });

    it('must be HS256 with JWT_SECRET', async () => {
      await start({ JWT_SECRET: SECRET });
      expect(await statusOf(tokenOf({ alg: 'HS256' }, SECRET))).toBe(200);
      for (const alg of ['HS384', 'HS512', 'hs256', 'none', 'RS256', 'dir', '__proto__', '']) {
        expect([alg, await statusOf(tokenOf({ alg }, SECRET))]).toEqual([alg, 401]);
      }
    });

    it.each<[string, Record<string, unknown>]>([
      ['an unknown extension', { crit: ['exp'], exp: 1 }],
      ['a missing parameter', { crit: ['x'] }],
      ['an empty list', { crit: [] }],
      ['a duplicate', { crit: ['b64', 'b64'], b64: true }],
      ['a string', { crit: 'b64', b64: true }],
      ['null', { crit: null }],
      ['a number in the list', { crit: [1] }],
      ['b64: false', { crit: ['b64'], b64: false }],
      ['nothing, but b64: false', { b64: false }],
    ])('does not make up for a crit header with %s: the token gets a 401', async (_, header) => {
      await start({ JWT_SECRET: SECRET });
      expect(await statusOf(tokenOf({ alg: 'HS256', ...header }, SECRET))).toBe(401);
    });

    it('does not make up for a missing expiry, or for parts that are not JSON objects', async () => {
      await start({ JWT_SECRET: SECRET });
      const endless = `${encode({ alg: 'HS256' })}.${Buffer.from('{"account_id":1,"exp":1e999}').toString('base64url')}`;
      const signed = createHmac('sha256', SECRET).update(endless).digest('base64url');
      expect(await statusOf(`${endless}.${signed}`)).toBe(401);
      for (const claims of [[], [1], 'text']) {
        expect(await statusOf(tokenOf({ alg: 'HS256' }, SECRET, claims as object))).toBe(401);
      }
      expect(await statusOf(tokenOf({ alg: 'HS256', kid: 7 }, SECRET))).toBe(401);
    });
  },
  ['embedded PostgreSQL'],
);
