import { generateKeyPairSync } from 'node:crypto';
import { readEnvironment } from '../src/read-environment';
import { DEMO_JWT_SECRET, signingSettings, tokenSettings } from '../src/token-settings';
import { pem } from './pem';

const SECRET = 'x'.repeat(32);
const PUBLIC_KEY = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
const DATABASE_URL = 'postgres://user:secret@host/database';

describe('tokenSettings', () => {
  const environmentWith = (variables: NodeJS.ProcessEnv) => () =>
    tokenSettings(readEnvironment(variables));

  it('rejects two keys', () => {
    expect(
      environmentWith({ JWT_PUBLIC_KEY: PUBLIC_KEY, JWT_JWKS_URI: 'https://host/keys' }),
    ).toThrow(/are mutually exclusive/);
  });

  it('accepts a public key whose line breaks are written as \\n', () => {
    const { key } = environmentWith({ JWT_PUBLIC_KEY: PUBLIC_KEY.replaceAll('\n', '\\n') })();
    expect('publicKey' in key && pem(key.publicKey)).toBe(PUBLIC_KEY);
  });

  it.each([
    ['a string that is not a key', 'key'],
    ['a private key', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
    ['a short RSA key', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
    ['a key of another curve', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey],
    ['a key of another type', generateKeyPairSync('x25519').publicKey],
  ])('rejects %s as the public key, in one sentence', (_, key) => {
    const text = typeof key === 'string' ? key : pem(key);
    expect(environmentWith({ JWT_PUBLIC_KEY: text })).toThrow(
      /^JWT_PUBLIC_KEY must be a public key in PEM[^\n]+$/,
    );
  });

  it.each([
    ['no key', {}],
    ['the demo key', { JWT_SECRET: DEMO_JWT_SECRET }],
  ])('rejects %s if DATABASE_URL is set, in every NODE_ENV', (_, key) => {
    for (const NODE_ENV of ['', 'development', 'test', 'production']) {
      const settings = environmentWith({ NODE_ENV, DATABASE_URL, ...key });
      expect(settings).toThrow(/^JWT_SECRET, [^\n]+ is required if DATABASE_URL is set[^\n]+$/);
    }
  });

  it('requires JWT_AUDIENCE if JWT_AUDIENCE_CLAIM is set', () => {
    const named = { JWT_SECRET: SECRET, JWT_AUDIENCE_CLAIM: 'client_id' };
    expect(environmentWith(named)).toThrow(
      /^JWT_AUDIENCE is required if JWT_AUDIENCE_CLAIM [^\n]+$/,
    );
    expect(environmentWith({ ...named, JWT_AUDIENCE: 'a' })()).toMatchObject({
      audience: 'a',
      audienceClaim: 'client_id',
    });
  });

  it('rejects a password in JWT_JWKS_URI', () => {
    expect(environmentWith({ JWT_JWKS_URI: 'https://user:secret@host/keys' })).toThrow(
      /^JWT_JWKS_URI must be a URL [^\n]* without a user name or password$/,
    );
  });

  it('requires JWT_SECRET to sign tokens', () => {
    expect(() => signingSettings(readEnvironment({ JWT_PUBLIC_KEY: PUBLIC_KEY }))).toThrow(
      /^JWT_SECRET is required to sign tokens/,
    );
  });
});
