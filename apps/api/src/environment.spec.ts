import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { openDatabase } from './database';
import { readEnvironment } from './read-environment';
import { DEMO_JWT_SECRET, signingSettings, tokenSettings } from './token-settings';

const SECRET = 'x'.repeat(32);
const PUBLIC_KEY = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
const DATABASE_URL = 'postgres://user:secret@host/database';

describe('readEnvironment', () => {
  it('has a default for everything in development', () => {
    expect({ ...readEnvironment({ PORT: '', JWT_ISSUER: '' }) }).toEqual({
      PORT: 3000,
      LOG_LEVEL: 'log',
      HOST: '127.0.0.1',
      DATABASE_STATEMENT_TIMEOUT: 30,
      EXPORT_MAX_CONCURRENT: 32,
      EXPORT_MAX_PER_ACCOUNT: 4,
      EXPORT_PAGE_MEMORY: 128,
      EXPORT_IDLE_TIMEOUT: 900,
      EXPORT_MAX_DURATION: 3600,
      EXPORT_COUNT_TIMEOUT: 10,
      EXPORT_RETRY_TIMEOUT: 20,
      RATE_LIMIT_PER_ADDRESS: 600,
      RATE_LIMIT_PER_ACCOUNT: 60,
      SHUTDOWN_GRACE: 30,
    });
  });

  it('reads every setting', () => {
    const texts = {
      HOST: '0.0.0.0',
      TRUST_PROXY: '10.0.0.0/8, loopback',
      CORS_ORIGINS: 'https://a.example, http://localhost:4200',
      SWAGGER: 'true',
      LOG_LEVEL: 'debug',
      METRICS: 'true',
      EXPORT_HTTP_1_0: 'true',
      DATABASE_READ_URL: 'postgres://user:secret@replica/database',
      DATABASE_COPY: 'false',
      CALL_STATUSES: 'ongoing, on hold,failed',
      DATABASE_URL,
      REDIS_URL: 'redis://host:6379',
      JWT_SECRET: SECRET,
      JWT_PUBLIC_KEY: PUBLIC_KEY,
      JWT_JWKS_URI: 'https://host/keys',
      JWT_ISSUER: 'i',
      JWT_AUDIENCE: 'a',
    };
    const numbers = {
      PORT: 8080,
      DATABASE_STATEMENT_TIMEOUT: 1,
      EXPORT_MAX_CONCURRENT: 2,
      EXPORT_MAX_PER_ACCOUNT: 3,
      EXPORT_PAGE_MEMORY: 9,
      EXPORT_IDLE_TIMEOUT: 4,
      EXPORT_MAX_DURATION: 7,
      EXPORT_COUNT_TIMEOUT: 8,
      EXPORT_RETRY_TIMEOUT: 0,
      RATE_LIMIT_PER_ADDRESS: 5,
      RATE_LIMIT_PER_ACCOUNT: 6,
      SHUTDOWN_GRACE: 0,
    };
    const digits = Object.fromEntries(
      Object.entries(numbers).map(([name, number]) => [name, String(number)]),
    );
    expect({ ...readEnvironment({ ...texts, ...digits, PATH: '/bin' }) }).toEqual({
      ...texts,
      ...numbers,
    });
  });

  it.each([',', 'completed,', ' ', 'completed,,failed', 'completed, ,failed'])(
    'refuses CALL_STATUSES with an empty status: %j',
    (CALL_STATUSES) => {
      expect(() => readEnvironment({ CALL_STATUSES })).toThrow(
        /^CALL_STATUSES must be statuses separated by commas, such as ongoing,completed,failed, none of them empty$/,
      );
    },
  );

  it.each([
    ['PORT', { PORT: '1e3' }],
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '-1' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://host/database' }],
    ['REDIS_URL', { REDIS_URL: 'http://host' }],
    ['EXPORT_MAX_CONCURRENT', { EXPORT_MAX_CONCURRENT: '0' }],
    ['SHUTDOWN_GRACE', { SHUTDOWN_GRACE: '1.5' }],
    ['JWT_SECRET', { JWT_SECRET: 'x'.repeat(31) }],
    ['JWT_JWKS_URI', { JWT_JWKS_URI: 'file:///keys' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/8;' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: '*' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://a.example/path' }],
    ['SWAGGER', { SWAGGER: 'yes' }],
    ['METRICS', { METRICS: '1' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'info' }],
    ['DATABASE_COPY', { DATABASE_COPY: 'no' }],
    ['DATABASE_READ_URL', { DATABASE_READ_URL: 'replica:5432' }],
  ])('names %s in one sentence where %j', (name, variables) => {
    expect(() => readEnvironment(variables)).toThrow(new RegExp(`^${name} must[^\\n]+$`));
  });

  describe('where others than this machine reach the API', () => {
    const environment = readEnvironment({ HOST: '0.0.0.0' });

    it('has no embedded database', async () => {
      await expect(openDatabase(environment)).rejects.toThrow(/^DATABASE_URL is required/);
    });

    it('has no demo secret', () => {
      expect(() => tokenSettings(environment)).toThrow(/^JWT_SECRET, [^\n]+ is required/);
    });
  });

  it('has no replica without a server', async () => {
    const environment = readEnvironment({ DATABASE_READ_URL: DATABASE_URL });
    await expect(openDatabase(environment)).rejects.toThrow(/^DATABASE_READ_URL [^\n]+$/);
  });

  describe('in production', () => {
    const PRODUCTION = { NODE_ENV: 'production' };

    it('has no embedded database', async () => {
      await expect(openDatabase(readEnvironment(PRODUCTION))).rejects.toThrow(
        /^DATABASE_URL is required/,
      );
    });

    it.each([{}, { JWT_SECRET: DEMO_JWT_SECRET }])('has no demo secret (%j)', (variables) => {
      const environment = readEnvironment({ ...PRODUCTION, ...variables });
      expect(() => tokenSettings(environment)).toThrow(
        /^JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URI is required/,
      );
    });
  });
});

describe('tokenSettings', () => {
  const environmentWith = (variables: NodeJS.ProcessEnv) => () =>
    tokenSettings(readEnvironment(variables));

  it('takes one key', () => {
    expect(
      environmentWith({ JWT_PUBLIC_KEY: PUBLIC_KEY, JWT_JWKS_URI: 'https://host/keys' }),
    ).toThrow(/exclude each other/);
  });

  it('takes a public key whose line breaks are written as \\n', () => {
    const { key } = environmentWith({ JWT_PUBLIC_KEY: PUBLIC_KEY.replaceAll('\n', '\\n') })();
    expect('publicKey' in key && pem(key.publicKey)).toBe(PUBLIC_KEY);
  });

  it.each([
    ['no key', 'key'],
    ['a private key', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
    ['a short RSA key', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
    ['another curve', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey],
    ['another kind', generateKeyPairSync('x25519').publicKey],
  ])('refuses %s as the public key, in one sentence', (_, key) => {
    const text = typeof key === 'string' ? key : pem(key);
    expect(environmentWith({ JWT_PUBLIC_KEY: text })).toThrow(
      /^JWT_PUBLIC_KEY must be a public key in PEM[^\n]+$/,
    );
  });

  it.each([
    ['no key', {}],
    ['the demo key', { JWT_SECRET: DEMO_JWT_SECRET }],
  ])('refuses %s for a database of its own, whatever NODE_ENV says', (_, key) => {
    for (const NODE_ENV of ['', 'development', 'test', 'production']) {
      const settings = environmentWith({ NODE_ENV, DATABASE_URL, ...key });
      expect(settings).toThrow(/^JWT_SECRET, [^\n]+ is required where DATABASE_URL is set[^\n]+$/);
    }
  });

  it('needs the audience where its claim is named', () => {
    const named = { JWT_SECRET: SECRET, JWT_AUDIENCE_CLAIM: 'client_id' };
    expect(environmentWith(named)).toThrow(
      /^JWT_AUDIENCE is required where JWT_AUDIENCE_CLAIM [^\n]+$/,
    );
    expect(environmentWith({ ...named, JWT_AUDIENCE: 'a' })()).toMatchObject({
      audience: 'a',
      audienceClaim: 'client_id',
    });
  });

  it('takes no password in the address of the keys', () => {
    expect(environmentWith({ JWT_JWKS_URI: 'https://user:secret@host/keys' })).toThrow(
      /^JWT_JWKS_URI must have no user name or password[^\n]*$/,
    );
  });

  it('signs with a secret alone', () => {
    expect(() => signingSettings(readEnvironment({ JWT_PUBLIC_KEY: PUBLIC_KEY }))).toThrow(
      /^JWT_SECRET is needed/,
    );
  });
});

function pem(key: KeyObject): string {
  return key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
}
