import { generateKeyPairSync } from 'node:crypto';
import { openDatabase } from '../src/database';
import { EnvironmentError, readEnvironment, SETTINGS } from '../src/read-environment';
import { DEMO_JWT_SECRET, tokenSettings } from '../src/token-settings';
import { pem } from './pem';

const SECRET = 'x'.repeat(32);
const PUBLIC_KEY = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
const DATABASE_URL = 'postgres://user:secret@host/database';

describe('readEnvironment', () => {
  it('has a default for every setting in development', () => {
    expect({ ...readEnvironment({ PORT: '', JWT_ISSUER: '' }) }).toEqual({
      PORT: 3000,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'log',
      METRICS: 'false',
      SHUTDOWN_GRACE: 30,
      DATABASE_READ_FALLBACK: 'false',
      DATABASE_POOL_SIZE: 10,
      DATABASE_STATEMENT_TIMEOUT: 30,
      DATABASE_COPY: 'true',
      ACCOUNT_TYPE: 'integer',
      EXPORT_FILE_NAME: 'calls_export',
      EXPORT_DELIMITER: ',',
      EXPORT_BYTE_ORDER_MARK: 'false',
      EXPORT_FORMULA_GUARD: 'true',
      EXPORT_MAX_CONCURRENT: 32,
      EXPORT_MAX_PER_ACCOUNT: 4,
      EXPORT_PAGE_SIZE: 5000,
      EXPORT_PAGE_MEMORY: 128,
      EXPORT_RETRY_TIMEOUT: 20,
      EXPORT_IDLE_TIMEOUT: 900,
      EXPORT_MAX_DURATION: 3600,
      EXPORT_COUNT_TIMEOUT: 10,
      EXPORT_HTTP_1_0: 'false',
      RATE_LIMIT_PER_ADDRESS: 600,
      RATE_LIMIT_PER_ACCOUNT: 60,
      JWT_AUDIENCE_CLAIM: 'aud',
      JWT_ACCOUNT_CLAIM: 'account_id',
    });
  });

  it('reads every setting', () => {
    const texts = {
      NODE_ENV: 'test',
      HOST: '0.0.0.0',
      TRUST_PROXY: '10.0.0.0/8, loopback',
      CORS_ORIGINS: 'https://a.example, http://localhost:4200',
      SWAGGER: 'true',
      LOG_LEVEL: 'debug',
      METRICS: 'true',
      DATABASE_URL,
      DATABASE_READ_URL: 'postgres://user:secret@replica/database',
      DATABASE_READ_FALLBACK: 'true',
      DATABASE_COPY: 'false',
      ACCOUNT_TYPE: 'uuid',
      CALL_STATUSES: 'ongoing, on hold,failed',
      EXPORT_FILE_NAME: 'Anrufe für März',
      EXPORT_DELIMITER: 'tab',
      EXPORT_BYTE_ORDER_MARK: 'true',
      EXPORT_FORMULA_GUARD: 'false',
      EXPORT_HTTP_1_0: 'true',
      REDIS_URL: 'redis://host:6379',
      JWT_SECRET: SECRET,
      JWT_PUBLIC_KEY: PUBLIC_KEY,
      JWT_JWKS_URI: 'https://host/keys',
      JWT_ISSUER: 'i',
      JWT_AUDIENCE: 'a',
      JWT_AUDIENCE_CLAIM: 'client_id',
      JWT_ACCOUNT_CLAIM: 'org.id',
    };
    const numbers = {
      PORT: 8080,
      METRICS_PORT: 9090,
      SHUTDOWN_GRACE: 0,
      DATABASE_POOL_SIZE: 12,
      DATABASE_STATEMENT_TIMEOUT: 0,
      EXPORT_MAX_CONCURRENT: 2,
      EXPORT_MAX_PER_ACCOUNT: 3,
      EXPORT_PAGE_SIZE: 10,
      EXPORT_PAGE_MEMORY: 9,
      EXPORT_RETRY_TIMEOUT: 0,
      EXPORT_IDLE_TIMEOUT: 4,
      EXPORT_MAX_DURATION: 7,
      EXPORT_COUNT_TIMEOUT: 8,
      RATE_LIMIT_PER_ADDRESS: 5,
      RATE_LIMIT_PER_ACCOUNT: 6,
    };
    expect([...Object.keys(texts), ...Object.keys(numbers)].sort()).toEqual([...SETTINGS].sort());
    const digits = Object.fromEntries(
      Object.entries(numbers).map(([name, number]) => [name, String(number)]),
    );
    expect({ ...readEnvironment({ ...texts, ...digits, PATH: '/bin' }) }).toEqual({
      ...texts,
      ...numbers,
    });
  });

  it.each([',', 'completed,', ' ', 'completed,,failed', 'completed, ,failed'])(
    'rejects CALL_STATUSES with an empty status: %j',
    (CALL_STATUSES) => {
      expect(() => readEnvironment({ CALL_STATUSES })).toThrow(
        /^CALL_STATUSES must be a comma-separated list of statuses without empty items, such as ongoing,completed,failed$/,
      );
    },
  );

  it.each([
    ['NODE_ENV', ['Production', ' production', 'staging']],
    ['PORT', ['1e3', '65536', '-1', ' 80', '80 ', '0x50', '٣٠٠٠', '3000.0', '8'.repeat(400)]],
    ['METRICS_PORT', ['70000', 'http']],
    ['EXPORT_MAX_CONCURRENT', ['0', '10001']],
    ['EXPORT_PAGE_SIZE', ['0', '50001']],
    ['DATABASE_POOL_SIZE', ['0', 'ten']],
    ['DATABASE_STATEMENT_TIMEOUT', ['3601', '30s']],
    ['SHUTDOWN_GRACE', ['1.5', '9007199254740993']],
    ['SWAGGER', ['yes', 'TRUE', 'true ']],
    ['METRICS', ['1']],
    ['DATABASE_COPY', ['no']],
    ['DATABASE_READ_FALLBACK', ['on']],
    ['EXPORT_BYTE_ORDER_MARK', ['utf8']],
    ['EXPORT_FORMULA_GUARD', ['0']],
    ['EXPORT_DELIMITER', ['\t', ';;', 'comma', ' ']],
    [
      'EXPORT_FILE_NAME',
      [' ', '../calls', 'a/b', 'con', '.calls', 'a\nb', ' calls', 'x'.repeat(201)],
    ],
    ['LOG_LEVEL', ['info', 'LOG']],
    ['ACCOUNT_TYPE', ['int', 'UUID']],
    ['TRUST_PROXY', ['10.0.0.0/8;', '-1', '100']],
    [
      'CORS_ORIGINS',
      [
        ...['*', 'null', 'https://a.example/path', 'https://a.example/', 'https://a.example,,'],
        ...['https://a.example?b', 'https://u:p@a.example', 'https://a.example:99999'],
        ...['https://A.example', 'https://a.example:443', 'a.example', 'ftp://a.example', ','],
      ],
    ],
    ['JWT_SECRET', ['x'.repeat(31)]],
    [
      'JWT_JWKS_URI',
      ['file:///keys', 'https://', 'https://host:port/keys', 'https://u:secret@host/keys', 'keys'],
    ],
  ])('rejects an invalid %s in one sentence, without the value', (name, values) => {
    for (const value of values) {
      expect([value, errorOf({ [name]: value })]).toEqual([
        value,
        expect.stringMatching(
          new RegExp(`^${name} must be [^\\n]+$|^JWT_SECRET must have [^\\n]+$`),
        ),
      ]);
    }
  });

  const BAD_URLS = [
    ...['nonsense', 'SCHEME://', 'SCHEME:host', 'http://host/secret', 'SCHEME://user:secret@'],
    // Passwords with an unencoded `#`, `/`, `?` or `%`, some of which look like a port.
    ...['SCHEME://user:sec#secret@host/1', 'SCHEME://user:12#secret@host/1'],
    ...['SCHEME://user:sec/secret@host/1', 'SCHEME://user:12/secret@host/1'],
    ...['SCHEME://user:sec?secret@host/1', 'SCHEME://user:12?secret@host/1'],
    ...[
      'SCHEME://user:secret%zz@host/1',
      'SCHEME://user:secret%@host/1',
      'SCHEME://us%er:secret@host/1',
    ],
    ...['SCHEME://user:secret@host:port/1', 'SCHEME://user:secret@host:65536/1'],
    ...[
      'SCHEME://user:secret@host:-1/1',
      'SCHEME://user:secret@ho st/1',
      'SCHEME://user:secret@[::1/1',
    ],
    ...[
      ' SCHEME://user:secret@host/1',
      'SCHEME://user:secret@host/1 ',
      'SCHEME://user:secret@host/1\n',
    ],
    ...[
      '"SCHEME://user:secret@host/1"',
      'SCHEME://user:sec ret@host/1',
      'SCHEME ://user:secret@host/1',
    ],
  ];
  it.each([
    ['DATABASE_URL', 'postgres', 'mysql://user:secret@host/1'],
    ['DATABASE_URL', 'postgresql', 'POSTGRES://user:secret@host/1'],
    ['DATABASE_READ_URL', 'postgres', 'replica:5432'],
    ['REDIS_URL', 'redis', 'redis://:secret@host/name'],
    ['REDIS_URL', 'rediss', 'redis://:secret@host/1/2'],
  ])('rejects an invalid %s (%s) in one sentence, without the password', (name, scheme, other) => {
    for (const value of [other, ...BAD_URLS.map((url) => url.replace('SCHEME', scheme))]) {
      const message = errorOf({ [name]: value });
      expect([value, message]).toEqual([
        value,
        expect.stringMatching(new RegExp(`^${name} must be a URL such as [^\\n]+$`)),
      ]);
      expect(message).not.toContain('secret');
    }
  });

  it.each([
    'postgres://user:p%40ss%23w%2Frd@host/calls',
    'postgres://user:p@ss@host/calls',
    'postgresql://host',
    'postgres://user@[::1]:5433/calls?application_name=x&options=-c%20jit%3Doff',
    'postgres:///calls?host=/run/postgresql&user=calls',
    'postgres://user:pass@host/calls?sslmode=disable',
    'postgres://user:pass@host/calls?sslmode=verify-full&sslrootcert=/etc/ca.pem',
  ])('accepts %s', (url) => {
    expect(readEnvironment({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
  });

  it.each(['nonsense', 'prefer', 'allow', '', 'Require', 'require,'])(
    'rejects sslmode=%s, which the driver would interpret differently',
    (mode) => {
      expect(errorOf({ DATABASE_URL: `${DATABASE_URL}?sslmode=${mode}` })).toBe(
        'DATABASE_URL must be a URL whose sslmode, if set, is one of disable, require, verify-ca, verify-full, no-verify',
      );
    },
  );

  describe('with HOST=0.0.0.0', () => {
    const environment = readEnvironment({ HOST: '0.0.0.0' });

    it('requires DATABASE_URL', async () => {
      await expect(openDatabase(environment)).rejects.toThrow(/^DATABASE_URL is required/);
    });

    it('requires a key for tokens', () => {
      expect(() => tokenSettings(environment)).toThrow(/^JWT_SECRET, [^\n]+ is required/);
    });
  });

  it('rejects DATABASE_READ_URL without DATABASE_URL', async () => {
    const environment = readEnvironment({ DATABASE_READ_URL: DATABASE_URL });
    await expect(openDatabase(environment)).rejects.toThrow(/^DATABASE_READ_URL [^\n]+$/);
  });

  describe('in production', () => {
    const PRODUCTION = { NODE_ENV: 'production' };

    it('requires DATABASE_URL', async () => {
      await expect(openDatabase(readEnvironment(PRODUCTION))).rejects.toThrow(
        /^DATABASE_URL is required/,
      );
    });

    it.each([{}, { JWT_SECRET: DEMO_JWT_SECRET }])('rejects the demo secret (%j)', (variables) => {
      const environment = readEnvironment({ ...PRODUCTION, ...variables });
      expect(() => tokenSettings(environment)).toThrow(
        /^JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URI is required/,
      );
    });
  });
});

function errorOf(variables: NodeJS.ProcessEnv): string | undefined {
  try {
    readEnvironment(variables);
    return undefined;
  } catch (error) {
    return error instanceof EnvironmentError ? error.message : `another error: ${error}`;
  }
}
