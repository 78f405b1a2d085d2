import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describeEachDatabase } from '@calls/testing';
import { type Algorithm, sign, type SignOptions } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { KeyServer, setClockAhead } from './key-server';
import { pem } from './pem';
import { type Api, startApi, withToken } from './start-api';

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
/** The public key, which is no secret, as the key of an HMAC. */
const asSecret = (key: KeyObject) => createSecretKey(Buffer.from(pem(key)));

describeEachDatabase('A token', dataSourceOptions, (database) => {
  let api: Api | undefined;
  const start = async (settings: Partial<Environment>) => {
    api = await startApi(database.url, { JWT_SECRET: undefined, ...settings });
  };
  afterEach(async () => {
    await api?.close();
    api = undefined;
  });

  async function send(
    key: KeyObject | string,
    algorithm: Algorithm,
    claims: object = {},
    options: SignOptions = {},
  ): Promise<[number, string | null]> {
    const token = sign({ account_id: 1, exp: now() + 60, ...claims }, key, {
      algorithm,
      ...options,
    });
    const response = await (api as Api).export('', withToken(token));
    return [response.status, response.headers.get('www-authenticate')];
  }
  const REFUSED = [401, 'Bearer error="invalid_token"'];

  describe.each(ALGORITHMS)('signed with %s', (algorithm) => {
    const { privateKey, publicKey } = KEYS[algorithm];
    const other = ALGORITHMS.find((each) => each !== algorithm) as 'RS256' | 'ES256';

    it('is accepted if JWT_PUBLIC_KEY verifies it, and no other one is', async () => {
      await start({ JWT_PUBLIC_KEY: pem(publicKey) });
      expect(await send(privateKey, algorithm)).toEqual([200, null]);
      expect(await send(OTHER_KEYS[algorithm].privateKey, algorithm)).toEqual(REFUSED);
      expect(await send(KEYS[other].privateKey, other)).toEqual(REFUSED);
      expect(await send(asSecret(publicKey), 'HS256')).toEqual(REFUSED);
    });

    it('is accepted if a key of JWT_JWKS_URI verifies it', async () => {
      const server = await KeyServer.start();
      server.keys = [
        { kid: 'other', key: KEYS[other].publicKey },
        { kid: 'one', key: publicKey },
      ];
      try {
        await start({ JWT_JWKS_URI: server.uri });
        expect(await send(privateKey, algorithm, {}, { keyid: 'one' })).toEqual([200, null]);
        expect(await send(privateKey, algorithm)).toEqual([200, null]);
        expect(await send(privateKey, algorithm, {}, { keyid: 'other' })).toEqual(REFUSED);
        expect(
          await send(OTHER_KEYS[algorithm].privateKey, algorithm, {}, { keyid: 'one' }),
        ).toEqual(REFUSED);
        expect(await send(asSecret(publicKey), 'HS256', {}, { keyid: 'one' })).toEqual(REFUSED);
        for (const keyid of ['../../one', 'http://127.0.0.1/', "' OR 1=1", '\u0000', '__proto__']) {
          expect(await send(privateKey, algorithm, {}, { keyid })).toEqual(REFUSED);
        }
        // Unknown key ids cause no requests to the key server.
        expect(server.requests).toBe(1);
      } finally {
        await server.stop();
      }
    });
  });

  it('signed with a new key is accepted without a restart, and with a removed key is refused', async () => {
    const server = await KeyServer.start();
    server.keys = [{ kid: 'old', key: KEYS.RS256.publicKey }];
    try {
      await start({ JWT_JWKS_URI: server.uri });
      expect(await send(KEYS.RS256.privateKey, 'RS256', {}, { keyid: 'old' })).toEqual([200, null]);
      server.keys = [{ kid: 'new', key: KEYS.ES256.publicKey }];
      expect(await send(KEYS.ES256.privateKey, 'ES256', {}, { keyid: 'new' })).toEqual(REFUSED);
      setClockAhead(31);
      expect(await send(KEYS.ES256.privateKey, 'ES256', {}, { keyid: 'new' })).toEqual([200, null]);
      expect(await send(KEYS.RS256.privateKey, 'RS256', {}, { keyid: 'old' })).toEqual(REFUSED);
      expect(server.requests).toBe(2);
    } finally {
      jest.restoreAllMocks();
      await server.stop();
    }
  });

  it('gets a 503 if the key server is down', async () => {
    const server = await KeyServer.start();
    await server.stop();
    await start({ JWT_JWKS_URI: 'http://127.0.0.1:1/keys' });
    expect(await send(KEYS.RS256.privateKey, 'RS256', {}, { keyid: 'one' })).toEqual([503, null]);
    const response = await (api as Api).export('', { authorization: 'Bearer nonsense' });
    expect(response.status).toBe(401);
  });

  it.each<[string, number, (now: number) => object]>([
    ['expired within the clock tolerance', 200, (now) => ({ exp: now - 3 })],
    ['expired', 401, (now) => ({ exp: now - 30 })],
    ['without an expiry', 401, () => ({ exp: undefined })],
    ['with an expiry that is not a number', 401, () => ({ exp: 'never' })],
    ['valid within the clock tolerance', 200, (now) => ({ nbf: now + 3 })],
    ['not valid yet', 401, (now) => ({ nbf: now + 60 })],
    ['of another issuer', 401, () => ({ iss: 'others' })],
    ['of no issuer', 401, () => ({ iss: undefined })],
    ['for another audience', 401, () => ({ aud: 'others' })],
    ['for this audience among others', 200, () => ({ aud: ['others', 'calls'] })],
  ])('%s gets a %d', async (_, status, claims) => {
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
    // As a string, because jsonwebtoken refuses to sign an invalid expiry.
    const token = sign(JSON.stringify(payload), KEYS.RS256.privateKey, {
      algorithm: 'RS256',
      header: { alg: 'RS256', typ: 'JWT' },
    });
    const response = await (api as Api).export('', withToken(token));
    expect(response.status).toBe(status);
  });
});
