// @slow
// @needs openssl, the programs of PostgreSQL
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { seedCalls } from '@calls/seed-calls';
import { TIMEOUT_MS, until } from '@calls/testing';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../src/data-source-options';
import { Authority } from './authority';
import { PostgresCluster } from './long/postgres-cluster';
import { LISTENING, Program } from './program';
import { bearer, SECRET, startApi } from './start-api';

const PASSWORD = 'a-secret-password';
const CALLS = 6_000;

afterAll(() => Program.killAll());

describe('PostgreSQL that requires TLS', () => {
  let authority: Authority;
  let another: Authority;
  let cluster: PostgresCluster;
  let dataSource: DataSource;

  /** @param parameters of the query. */
  const url = (parameters: string, host = 'localhost', user = `calls:${PASSWORD}`) =>
    `postgres://${user}@${host}:${new URL(cluster.url).port}/postgres?${parameters}`;
  const trusted = (mode: string) => `sslmode=${mode}&sslrootcert=${authority.certificate}`;

  beforeAll(async () => {
    authority = new Authority();
    another = new Authority();
    authority.issue('server', 'localhost');
    authority.issue('expired', 'localhost', -1);
    authority.issue('client', 'certified');
    writeFileSync(authority.path('empty.pem'), '');
    writeFileSync(authority.path('garbage.pem'), 'garbage');
    cluster = await PostgresCluster.create({
      'server.crt': authority.text('server.pem'),
      'server.key': authority.text('server.key'),
      'ca.crt': authority.text('ca.pem'),
      'postgresql.auto.conf': `ssl = on\nssl_ca_file = 'ca.crt'\n`,
      'pg_hba.conf': `hostssl all certified 127.0.0.1/32 cert
hostssl all calls 127.0.0.1/32 scram-sha-256
hostssl all postgres 127.0.0.1/32 trust
`,
    });
    dataSource = await new DataSource(
      dataSourceOptions(url(trusted('verify-full'), 'localhost', 'postgres')),
    ).initialize();
    await dataSource.query(`CREATE ROLE calls LOGIN SUPERUSER PASSWORD '${PASSWORD}'`);
    await dataSource.query('CREATE ROLE certified LOGIN SUPERUSER');
  }, TIMEOUT_MS);
  afterAll(async () => {
    await dataSource?.destroy();
    cluster?.remove();
    authority.remove();
    another.remove();
  });

  const main = (settings: NodeJS.ProcessEnv) =>
    new Program('main', { PORT: '0', JWT_SECRET: SECRET, ...settings }, tmpdir());

  it(
    'is migrated and exported from with every sslmode, if its authority is trusted',
    async () => {
      const migrate = new Program(
        'migrate',
        { DATABASE_URL: url(trusted('verify-full')) },
        tmpdir(),
      );
      expect([await migrate.exitCode(), migrate.output]).toEqual([
        0,
        expect.stringMatching(/^Applied [^\n]+\n$/),
      ]);
      await seedCalls(dataSource, 1, CALLS);
      const files = new Set<string>();
      for (const mode of ['require', 'verify-ca', 'verify-full']) {
        const DATABASE_URL = url(trusted(mode));
        const program = main({ DATABASE_URL, DATABASE_READ_URL: DATABASE_URL });
        const api = await program.printed(LISTENING);
        const file = await fetch(`${api}/api/v1/calls/export`, { headers: bearer(1) });
        files.add(await file.text());
        expect((await fetch(`${api}/health/ready`)).status).toBe(200);
        expect(await program.stop()).toBe(0);
        // Neither the driver's deprecation warning, nor a fallback from COPY to rows.
        expect(program.output).not.toMatch(/warn/i);
      }
      expect(files.size).toBe(1);
      expect([...files][0]?.split('\r\n').length).toBeGreaterThan(CALLS);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['a client certificate', () => clientCertificate('client'), 'localhost', 'certified'],
    ['no checks', () => 'sslmode=no-verify', '127.0.0.1', undefined],
    [
      'the checks of libpq',
      () => `${trusted('verify-ca')}&uselibpqcompat=true`,
      '127.0.0.1',
      undefined,
    ],
  ])(
    'accepts a connection with %s',
    async (_title, parameters, host, user) => {
      const migrate = new Program(
        'migrate',
        { DATABASE_URL: url(parameters(), host, user) },
        tmpdir(),
      );
      expect([await migrate.exitCode(), migrate.output]).toEqual([0, 'The schema is up to date\n']);
    },
    TIMEOUT_MS,
  );

  it(
    'cancels a statement whose client has disconnected',
    async () => {
      const api = await startApi(url(trusted('verify-full')));
      const locker = dataSource.createQueryRunner();
      const waiting = async () => {
        const [{ count }] = await dataSource.query(
          `SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'calls' AND wait_event_type = 'Lock'`,
        );
        return count as number;
      };
      try {
        await locker.startTransaction();
        await locker.query('LOCK TABLE calls IN ACCESS EXCLUSIVE MODE');
        const client = new AbortController();
        const exported = fetch(`${api.url}/api/v1/calls/export`, {
          headers: bearer(1),
          signal: client.signal,
        }).catch(({ name }: Error) => name);
        await until(async () => (await waiting()) === 1, 10_000);
        client.abort();
        expect(await exported).toBe('AbortError');
        await until(async () => (await waiting()) === 0, 10_000);
      } finally {
        await locker.rollbackTransaction();
        await locker.release();
        await api.close();
      }
    },
    TIMEOUT_MS,
  );

  const clientCertificate = (name: string) =>
    `${trusted('verify-full')}&sslcert=${authority.path(`${name}.pem`)}&sslkey=${authority.path(`${name}.key`)}`;
  const REFUSED: [title: string, parameters: () => string, host?: string][] = [
    ['no sslmode', () => ''],
    ['sslmode=disable', () => 'sslmode=disable'],
    ['no authority', () => 'sslmode=require'],
    ['another authority', () => `sslmode=verify-ca&sslrootcert=${another.certificate}`],
    ['another host name', () => trusted('require'), '127.0.0.1'],
    ['another host name by verify-full', () => trusted('verify-full'), '127.0.0.1'],
    ['a missing file', () => 'sslmode=verify-full&sslrootcert=/nowhere/ca.pem'],
    ['an empty file', () => `sslmode=verify-full&sslrootcert=${authority.path('empty.pem')}`],
    [
      'an invalid certificate',
      () => `sslmode=verify-full&sslrootcert=${authority.path('garbage.pem')}`,
    ],
    ['a directory', () => `sslmode=verify-full&sslrootcert=${authority.directory}`],
    [
      'the key of another certificate',
      () =>
        `${trusted('require')}&sslcert=${authority.path('client.pem')}&sslkey=${authority.path('server.key')}`,
    ],
    ['an unknown sslnegotiation', () => `${trusted('require')}&sslnegotiation=none`],
  ];
  it.each(REFUSED.map(([title, parameters, host]) => ({ title, parameters, host })))(
    'makes the start fail in one sentence without the password: $title',
    async ({ parameters, host }) => {
      const DATABASE_URL = url(parameters(), host);
      const readable = url(trusted('verify-full'));
      const programs = {
        DATABASE_URL: [main({ DATABASE_URL }), new Program('migrate', { DATABASE_URL }, tmpdir())],
        DATABASE_READ_URL: [main({ DATABASE_URL: readable, DATABASE_READ_URL: DATABASE_URL })],
      };
      for (const [name, started] of Object.entries(programs)) {
        for (const program of started) {
          expect([await program.exitCode(), program.output]).toEqual([
            1,
            expect.stringMatching(
              new RegExp(
                `^(Can't connect to ${name}|${name} has invalid TLS parameters): [^\\n]+\\n$`,
              ),
            ),
          ]);
          expect(program.output).not.toContain(PASSWORD);
        }
      }
    },
    TIMEOUT_MS,
  );

  it(
    'is refused once its certificate has expired',
    async () => {
      cluster.write('server.crt', authority.text('expired.pem'));
      cluster.write('server.key', authority.text('expired.key'));
      await dataSource.query('SELECT pg_reload_conf()');
      const program = () =>
        new Program('migrate', { DATABASE_URL: url(trusted('verify-full')) }, tmpdir());
      const expired = `Can't connect to DATABASE_URL: certificate has expired\n`;
      // The server reloads asynchronously.
      let output = '';
      await until(async () => {
        const migrate = program();
        await migrate.exitCode();
        return (output = migrate.output) !== 'The schema is up to date\n';
      }, TIMEOUT_MS / 2);
      expect(output).toBe(expired);
    },
    TIMEOUT_MS,
  );

  it(
    'is required by sslmode=require, which fails on a server without TLS',
    async () => {
      const plain = await PostgresCluster.create();
      try {
        const DATABASE_URL = `${plain.url}?sslmode=require`;
        const program = new Program('migrate', { DATABASE_URL }, tmpdir());
        expect([await program.exitCode(), program.output]).toEqual([
          1,
          "Can't connect to DATABASE_URL: The server does not support SSL connections\n",
        ]);
      } finally {
        plain.remove();
      }
    },
    TIMEOUT_MS,
  );
});
