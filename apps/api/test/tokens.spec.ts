import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describeEachDatabase } from '@calls/testing';
import { type Algorithm, sign, type SignOptions } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { KeyServer, passTime } from './key-server';
import { type Api, startApi } from './start-api';

const KEYS = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
};
const OTHER_KEYS = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
};
const ALGORITHMS = ['RS256', 'ES256'] as const;
const now = () => Math.floor(Date.now() / 1000);
/** The public key, which everybody has, as the secret of an HMAC. */
const asSecret = (key: KeyObject) => createSecretKey(Buffer.from(pem(key)));
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

describeEachDatabase('A token', dataSourceOptions, (database) => {
  let api: Api | undefined;
  const start = async (settings: Partial<Environment>) => {
    api = await startApi(database.url, { JWT_SECRET: undefined, ...settings });
  };
  afterEach(async () => {
    await api?.close();
    api = undefined;
  });

  async function answer(
    key: KeyObject | string,
    algorithm: Algorithm,
    claims: object = {},
    options: SignOptions = {},
  ): Promise<[number, string | null]> {
    const token = sign({ account_id: 1, exp: now() + 60, ...claims }, key, {
      algorithm,
      ...options,
    });
    const response = await (api as Api).export('', { authorization: `Bearer ${token}` });
    return [response.status, response.headers.get('www-authenticate')];
  }
  const REFUSED = [401, 'Bearer error="invalid_token"'];

  describe.each(ALGORITHMS)('signed with %s', (algorithm) => {
    const { privateKey, publicKey } = KEYS[algorithm];
    const other = ALGORITHMS.find((each) => each !== algorithm) as 'RS256' | 'ES256';

    it('is verified by JWT_PUBLIC_KEY, and no other one is', async () => {
      await start({ JWT_PUBLIC_KEY: pem(publicKey) });
      expect(await answer(privateKey, algorithm)).toEqual([200, null]);
      expect(await answer(OTHER_KEYS[algorithm].privateKey, algorithm)).toEqual(REFUSED);
      expect(await answer(KEYS[other].privateKey, other)).toEqual(REFUSED);
      expect(await answer(asSecret(publicKey), 'HS256')).toEqual(REFUSED);
    });

    it('is verified by a key of JWT_JWKS_URI', async () => {
      const server = await KeyServer.start();
      server.keys = [
        { kid: 'other', key: KEYS[other].publicKey },
        { kid: 'one', key: publicKey },
      ];
      try {
        await start({ JWT_JWKS_URI: server.uri });
        expect(await answer(privateKey, algorithm, {}, { keyid: 'one' })).toEqual([200, null]);
        expect(await answer(privateKey, algorithm)).toEqual([200, null]);
        expect(await answer(privateKey, algorithm, {}, { keyid: 'other' })).toEqual(REFUSED);
        expect(
          await answer(OTHER_KEYS[algorithm].privateKey, algorithm, {}, { keyid: 'one' }),
        ).toEqual(REFUSED);
        expect(await answer(asSecret(publicKey), 'HS256', {}, { keyid: 'one' })).toEqual(REFUSED);
        for (const keyid of ['../../one', 'http://127.0.0.1/', "' OR 1=1", '\u0000', '__proto__']) {
          expect(await answer(privateKey, algorithm, {}, { keyid })).toEqual(REFUSED);
        }
        // Made-up keys do not burden the server.
        expect(server.requests).toBe(1);
      } finally {
        await server.stop();
      }
    });
  });

  it('of a key that is new at the server is accepted without a restart, and of one that is gone is not', async () => {
    const server = await KeyServer.start();
    server.keys = [{ kid: 'old', key: KEYS.RS256.publicKey }];
    try {
      await start({ JWT_JWKS_URI: server.uri });
      expect(await answer(KEYS.RS256.privateKey, 'RS256', {}, { keyid: 'old' })).toEqual([
        200,
        null,
      ]);
      server.keys = [{ kid: 'new', key: KEYS.ES256.publicKey }];
      expect(await answer(KEYS.ES256.privateKey, 'ES256', {}, { keyid: 'new' })).toEqual(REFUSED);
      passTime(31);
      expect(await answer(KEYS.ES256.privateKey, 'ES256', {}, { keyid: 'new' })).toEqual([
        200,
        null,
      ]);
      expect(await answer(KEYS.RS256.privateKey, 'RS256', {}, { keyid: 'old' })).toEqual(REFUSED);
      expect(server.requests).toBe(2);
    } finally {
      jest.restoreAllMocks();
      await server.stop();
    }
  });

  it('can not be verified where the key server does not answer, which is no fault of the token', async () => {
    const server = await KeyServer.start();
    await server.stop();
    await start({ JWT_JWKS_URI: 'http://127.0.0.1:1/keys' });
    expect(await answer(KEYS.RS256.privateKey, 'RS256', {}, { keyid: 'one' })).toEqual([503, null]);
    const response = await (api as Api).export('', { authorization: 'Bearer nonsense' });
    expect(response.status).toBe(401);
  });

  it.each<[string, (now: number) => object, number]>([
    ["expired within the clocks' skew", (now) => ({ exp: now - 3 }), 200],
    ['expired', (now) => ({ exp: now - 30 }), 401],
    ['without an expiry', () => ({ exp: undefined }), 401],
    ['with an expiry that is no number', () => ({ exp: 'never' }), 401],
    ['valid within the skew', (now) => ({ nbf: now + 3 }), 200],
    ['not valid yet', (now) => ({ nbf: now + 60 }), 401],
    ['of another issuer', () => ({ iss: 'others' }), 401],
    ['of no issuer', () => ({ iss: undefined }), 401],
    ['for another audience', () => ({ aud: 'others' }), 401],
    ['for this audience among others', () => ({ aud: ['others', 'calls'] }), 200],
  ])('%s', async (_, claims, status) => {
    await start({
      JWT_PUBLIC_KEY: pem(KEYS.RS256.publicKey),
      JWT_ISSUER: 'us',
      JWT_AUDIENCE: 'calls',
    });
    const all = Object.entries({
      account_id: 1,
      exp: now() + 60,
      iss: 'us',
      aud: 'calls',
      ...claims(now()),
    });
    const payload = Object.fromEntries(all.filter(([, value]) => value !== undefined));
    // As text, since jsonwebtoken signs no expiry that it would not accept.
    const token = sign(JSON.stringify(payload), KEYS.RS256.privateKey, {
      algorithm: 'RS256',
      header: { alg: 'RS256', typ: 'JWT' },
    });
    const response = await (api as Api).export('', { authorization: `Bearer ${token}` });
    expect(response.status).toBe(status);
  });
});
