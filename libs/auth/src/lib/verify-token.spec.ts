import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult as Pair,
  sign,
} from 'node:crypto';
import type { TokenSettings } from './token-settings';
import { tokenVerifier } from './verify-token';

const SECRET = 'a secret for the tests of 32 bytes or more';
const NOW = 1_700_000_000;
/** In seconds. */
const SKEW = 5;
const CLAIMS = { account_id: 1, exp: NOW + 60 };

const P256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const OTHER_P256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const ED25519 = generateKeyPairSync('ed25519');
// The types of Node.js only declare overloads that encode the keys.
const RSA_PSS = (generateKeyPairSync as (type: string, options: object) => Pair)('rsa-pss', {
  modulusLength: 2048,
});

const encode = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Creates a token with any header and claims. It signs with Node.js rather than jose, which verifies. */
function tokenOf(
  key: KeyObject | string,
  header: object,
  claims: object | string = CLAIMS,
): string {
  const data = `${encode(header)}.${encode(claims)}`;
  return `${data}.${signature(key, Buffer.from(data)).toString('base64url')}`;
}

function signature(key: KeyObject | string, data: Buffer): Buffer {
  if (typeof key === 'string') return createHmac('sha256', key).update(data).digest();
  if (key.asymmetricKeyType === 'ed25519') return sign(null, data, key);
  if (key.asymmetricKeyType === 'ec') {
    return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  }
  return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
}

const HS256 = { alg: 'HS256' };
const signed = (claims: object | string, header: object = HS256) => tokenOf(SECRET, header, claims);

/** Returns the claims of a token, or the reason for its refusal. */
async function verify(
  token: string,
  settings: Omit<TokenSettings, 'key'> & { key?: TokenSettings['key'] } = {},
): Promise<unknown> {
  const verifier = tokenVerifier({ key: { secret: SECRET }, ...settings });
  return verifier(token).catch((error: { reason?: string }) => error.reason ?? error);
}

describe('tokenVerifier', () => {
  beforeEach(() =>
    jest.useFakeTimers({ now: NOW * 1000, doNotFake: ['nextTick', 'queueMicrotask'] }),
  );
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  describe('with a clock skew of 5 seconds', () => {
    it.each<[string, object, 'accepts' | 'expired' | 'not_yet_valid']>([
      ['a token that has not expired', { exp: NOW + 1 }, 'accepts'],
      ['one that expired within the skew', { exp: NOW - SKEW + 1 }, 'accepts'],
      ['one that expired beyond the skew', { exp: NOW - SKEW }, 'expired'],
      ['one that expired in 1970', { exp: 0 }, 'expired'],
      ['one that becomes valid now', { nbf: NOW }, 'accepts'],
      ['one that becomes valid within the skew', { nbf: NOW + SKEW }, 'accepts'],
      ['one that becomes valid beyond the skew', { nbf: NOW + SKEW + 1 }, 'not_yet_valid'],
      ['one that was issued in the future', { iat: NOW + SKEW + 1 }, 'accepts'],
    ])('%s: %j → %s', async (_, claims, expected) => {
      const all = { ...CLAIMS, ...claims };
      expect(await verify(signed(all))).toEqual(expected === 'accepts' ? all : expected);
    });
  });

  it.each<[string, object | string, string]>([
    ['have no expiry', { account_id: 1 }, 'no_expiry'],
    ['never expire', '{"exp":1e999}', 'no_expiry'],
    ['expire at a time that is not a number', { exp: 'never' }, 'malformed'],
    ['become valid at a time that is not a number', { ...CLAIMS, nbf: 'now' }, 'malformed'],
    ['are not an object', '[]', 'malformed'],
    ['are not JSON', '{', 'malformed'],
  ])('refuses claims that %s', async (_, claims, reason) => {
    expect(await verify(signed(claims))).toBe(reason);
  });

  it.each<[string, object, Partial<TokenSettings>, 'accepts' | 'issuer' | 'audience']>([
    ['any issuer and audience', { iss: 'x', aud: 'y' }, {}, 'accepts'],
    ['no audience if none is required', { iss: 'us' }, { issuer: 'us' }, 'accepts'],
    ['the issuer', { iss: 'us' }, { issuer: 'us' }, 'accepts'],
    ['another issuer', { iss: 'others' }, { issuer: 'us' }, 'issuer'],
    ['the issuer in other case', { iss: 'US' }, { issuer: 'us' }, 'issuer'],
    ['no issuer', {}, { issuer: 'us' }, 'issuer'],
    ['an issuer in an array', { iss: ['us'] }, { issuer: 'us' }, 'issuer'],
    ['the audience', { aud: 'calls' }, { audience: 'calls' }, 'accepts'],
    ['the audience among others', { aud: ['x', 'calls'] }, { audience: 'calls' }, 'accepts'],
    ['another audience', { aud: 'calls2' }, { audience: 'calls' }, 'audience'],
    ['other audiences', { aud: ['x', 'y'] }, { audience: 'calls' }, 'audience'],
    ['no audience', {}, { audience: 'calls' }, 'audience'],
    [
      'the audience in the configured claim',
      { client_id: 'calls' },
      { audience: 'calls', audienceClaim: 'client_id' },
      'accepts',
    ],
    [
      'the audience at the configured path',
      { app: { id: 'calls' } },
      { audience: 'calls', audienceClaim: 'app.id' },
      'accepts',
    ],
    [
      'the audience in another claim than the configured one',
      { aud: 'calls' },
      { audience: 'calls', audienceClaim: 'client_id' },
      'audience',
    ],
  ])('checks %s: %j with %j', async (_, claims, settings, expected) => {
    const all = { ...CLAIMS, ...claims };
    const outcome = await verify(signed(all), settings);
    expect(outcome).toEqual(expected === 'accepts' ? all : expected);
  });

  describe('when it parses a token', () => {
    it.each<[string, object]>([
      ['that has a key id, if there is only one key', { kid: 'any' }],
      ['that states the default', { b64: true }],
      ['of another type', { typ: 'at+jwt', x: 1 }],
    ])('accepts a header %s', async (_, header) => {
      expect(await verify(signed(CLAIMS, { ...HS256, ...header }))).toEqual(CLAIMS);
    });

    it.each<[string, object, string]>([
      ['with a critical extension', { ...HS256, crit: ['b64'], b64: true }, 'critical'],
      ['with an empty list of critical extensions', { ...HS256, crit: [] }, 'critical'],
      ['whose content is not encoded', { ...HS256, b64: false }, 'critical'],
      ['without an algorithm', {}, 'malformed'],
      ['whose algorithm is not a string', { alg: ['HS256'] }, 'malformed'],
      ['whose key id is not a string', { ...HS256, kid: 1 }, 'malformed'],
      ['whose key id is null', { ...HS256, kid: null }, 'malformed'],
      ['with another algorithm', { alg: 'HS512' }, 'algorithm'],
      ['with the algorithm none', { alg: 'none' }, 'algorithm'],
    ])('refuses a header %s', async (_, header, reason) => {
      expect(await verify(signed(CLAIMS, header))).toBe(reason);
    });

    it.each([
      ['an empty token', ''],
      ['a string that is not a token', 'nonsense'],
      ['a header that is not JSON', `${encode('{')}.e30.e30`],
      ['two parts', `${encode(HS256)}.e30`],
      ['an encrypted token', `${encode({ alg: 'dir', enc: 'A256GCM' })}..e30.e30.e30`],
      ['a signature that is not base64url', `${signed(CLAIMS).replace(/[^.]*$/, '')}*`],
    ])('refuses %s', async (_, token) => {
      expect(await verify(token)).toBe('malformed');
    });
  });

  it('refuses a token signed with another secret, or not at all', async () => {
    expect(await verify(tokenOf('another secret of 32 bytes or more, too', HS256))).toBe(
      'signature',
    );
    expect(await verify(signed(CLAIMS).replace(/[^.]*$/, ''))).toBe('signature');
  });

  describe('with a public key', () => {
    it.each<[string, Pair, string]>([
      ['P-256', P256, 'ES256'],
      ['Ed25519', ED25519, 'EdDSA'],
      ['RSASSA-PSS', RSA_PSS, 'PS256'],
    ])('accepts a token signed with the private key: %s', async (_, pair, alg) => {
      const key = { publicKey: pair.publicKey };
      expect(await verify(tokenOf(pair.privateKey, { alg }), { key })).toEqual(CLAIMS);
    });

    it('refuses another key, another algorithm, and the public key as an HMAC secret', async () => {
      const key = { publicKey: P256.publicKey };
      expect(await verify(tokenOf(OTHER_P256.privateKey, { alg: 'ES256' }), { key })).toBe(
        'signature',
      );
      expect(await verify(tokenOf(ED25519.privateKey, { alg: 'EdDSA' }), { key })).toBe(
        'algorithm',
      );
      const pem = P256.publicKey.export({ type: 'spki', format: 'pem' }).toString();
      expect(await verify(tokenOf(pem, HS256), { key })).toBe('algorithm');
    });
  });

  describe('with a key set', () => {
    const key = { jwksUri: 'https://keys.example/set' };
    let fetched: jest.SpyInstance;
    const publish = (...keys: [Pair, kid?: string][]) => {
      const set = keys.map(([pair, kid]) => ({ ...pair.publicKey.export({ format: 'jwk' }), kid }));
      fetched = jest
        .spyOn(globalThis, 'fetch')
        .mockImplementation(async () => new Response(JSON.stringify({ keys: set })));
    };
    const byP256 = (header: object = {}, claims: object = CLAIMS) =>
      tokenOf(P256.privateKey, { alg: 'ES256', ...header }, claims);

    it.each<[string, [Pair, string?][], object]>([
      [
        'the key with the id in the token',
        [
          [OTHER_P256, 'a'],
          [P256, 'b'],
        ],
        { kid: 'b' },
      ],
      [
        'the first of two keys with the same id',
        [
          [P256, 'a'],
          [OTHER_P256, 'a'],
        ],
        { kid: 'a' },
      ],
      [
        'the second of two keys with the same id',
        [
          [OTHER_P256, 'a'],
          [P256, 'a'],
        ],
        { kid: 'a' },
      ],
      [
        'one of two keys of different types with the same id',
        [
          [ED25519, 'a'],
          [P256, 'a'],
        ],
        { kid: 'a' },
      ],
      ['the first of two keys if the token has no key id', [[P256, 'a'], [OTHER_P256]], {}],
      ['the second of two keys if the token has no key id', [[OTHER_P256], [P256, 'b']], {}],
    ])('accepts a token signed by %s', async (_, keys, header) => {
      publish(...keys);
      expect(await verify(byP256(header), { key })).toEqual(CLAIMS);
    });

    it.each<[string, [Pair, string?][], object, string]>([
      [
        'by another key than the one with its id',
        [
          [OTHER_P256, 'a'],
          [P256, 'b'],
        ],
        { kid: 'a' },
        'signature',
      ],
      ['by neither of two keys', [[OTHER_P256], [OTHER_P256]], {}, 'signature'],
      ['by a key with an unknown id', [[P256, 'a']], { kid: 'b' }, 'unknown_key'],
      ['by a key of another type', [[ED25519, 'a']], { kid: 'a' }, 'algorithm'],
    ])('refuses a token signed %s', async (_, keys, header, reason) => {
      publish(...keys);
      expect(await verify(byP256(header), { key })).toBe(reason);
    });

    it('reports invalid claims rather than the signature if one of several keys fits', async () => {
      publish([P256], [OTHER_P256]);
      expect(await verify(byP256({}, { exp: NOW - 60 }), { key })).toBe('expired');
    });

    it('fetches no keys for an HMAC token', async () => {
      publish([P256]);
      expect(await verify(signed(CLAIMS), { key })).toBe('algorithm');
      expect(await verify(signed(CLAIMS, { alg: 'none' }), { key })).toBe('algorithm');
      expect(fetched).not.toHaveBeenCalled();
    });

    it('fetches the keys once for several tokens', async () => {
      publish([P256]);
      const verifier = tokenVerifier({ key });
      expect([await verifier(byP256()), await verifier(byP256())]).toEqual([CLAIMS, CLAIMS]);
      expect(fetched).toHaveBeenCalledTimes(1);
    });
  });
});
