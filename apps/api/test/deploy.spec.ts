// @slow
import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signToken } from '@calls/auth';
import { seedCalls } from '@calls/seed-calls';
import { describeWith, freePort, TIMEOUT_MS, until } from '@calls/testing';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../src/data-source-options';
import { readEnvironment, SETTINGS } from '../src/read-environment';
import { ComposeProject, type Service } from './compose';
import { PostgresCluster } from './long/postgres-cluster';
import { Program } from './program';
import { readWorkspaceFile, ROOT } from './workspace';

const CALLS = 10;
const SECRETS = ['POSTGRES_PASSWORD', 'DATABASE_PASSWORD', 'JWT_SECRET'];
const dockerfile = readWorkspaceFile('Dockerfile');

afterAll(() => Program.killAll());

/** The settings in a file like `.env`. */
function settingsOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^[A-Z]/.test(line));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

describe('.env.example', () => {
  const { STOP_GRACE_PERIOD, ...settings } = settingsOf(readWorkspaceFile('.env.example'));

  it('has every setting of the API except those that Compose sets, all empty', () => {
    const fixed = ['NODE_ENV', 'HOST', 'DATABASE_URL'];
    const expected = [...SETTINGS.filter((name) => !fixed.includes(name)), ...SECRETS];
    expect(Object.keys(settings).sort()).toEqual([...new Set(expected)].sort());
    expect(new Set(Object.values(settings))).toEqual(new Set(['']));
    expect(STOP_GRACE_PERIOD).toBe('');
  });

  it('is excluded from the image and the repository once copied to .env', () => {
    for (const file of ['.dockerignore', '.gitignore'])
      expect(readWorkspaceFile(file).split('\n')).toContain('.env');
  });
});

describe('Dockerfile', () => {
  it('pins one exact version of Node.js', () => {
    const tags = [...dockerfile.matchAll(/^FROM node:(\S+)/gm)].map(([, tag]) => tag);
    expect(tags).toHaveLength(3);
    expect(new Set(tags).size).toBe(1);
    expect(tags[0]).toMatch(/^\d+\.\d+\.\d+-slim$/);
  });

  it('runs as a numeric user that is not root', () => {
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });
});

describeWith(['docker-compose', 'openssl'], 'docker-compose.yml', () => {
  let project: ComposeProject;
  beforeEach(() => (project = new ComposeProject()));
  afterEach(() => project.remove());

  /** As Compose resolves them with a new `.env` and a value for every setting without a secret. */
  let services: Record<string, Service>;
  const given = SETTINGS.filter(
    (name) => !['NODE_ENV', 'HOST', 'PORT', 'DATABASE_URL', 'JWT_SECRET'].includes(name),
  );
  beforeAll(async () => {
    const configured = new ComposeProject();
    configured.makeEnv();
    const lines = given.map((name) => `${name}=the ${name}\n`);
    appendFileSync(configured.path('.env'), lines.join(''));
    services = await configured.services().finally(() => configured.remove());
  }, TIMEOUT_MS);

  it(
    'is rejected without passwords, with a message that says what to run',
    () => expect(project.services()).rejects.toThrow(/PASSWORD[^]*: run deploy\/make-env.sh/),
    TIMEOUT_MS,
  );

  it('gets its secrets from deploy/make-env.sh, which creates them once, readable only by its user', () => {
    expect(project.makeEnv().split('\n')).toHaveLength(SECRETS.length + 1);
    const first = project.read('.env');
    const settings = settingsOf(first);
    for (const name of SECRETS) expect(settings[name]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(SECRETS.map((name) => settings[name])).size).toBe(SECRETS.length);
    expect(statSync(project.path('.env')).mode & 0o777).toBe(0o600);
    expect(project.makeEnv()).toBe('');
    expect(project.read('.env')).toBe(first);
  });

  it('gets no JWT_SECRET if another key is set, since the API accepts only one', () => {
    writeFileSync(project.path('.env'), 'JWT_JWKS_URI=https://id.example.com/jwks.json\n');
    project.makeEnv();
    const { JWT_SECRET, JWT_JWKS_URI, DATABASE_PASSWORD } = settingsOf(project.read('.env'));
    expect([JWT_SECRET, JWT_JWKS_URI]).toEqual([undefined, 'https://id.example.com/jwks.json']);
    expect(DATABASE_PASSWORD).toMatch(/^[0-9a-f]{64}$/);
  });

  it('passes every setting to the API', () => {
    const { environment } = services['api'] as Service;
    expect(Object.keys(environment).sort()).toEqual([...SETTINGS].sort());
    for (const name of given) expect([name, environment[name]]).toEqual([name, `the ${name}`]);
  });

  it('waits for each step before the next one, and restarts only the services', () => {
    const steps = Object.entries(services).map(([name, { depends_on = {}, restart }]) => [
      name,
      Object.entries(depends_on).map(([other, { condition }]) => `${other} ${condition}`)[0],
      restart,
    ]);
    expect(steps.sort()).toEqual([
      ['api', 'role service_completed_successfully', 'unless-stopped'],
      ['migrate', 'postgres service_healthy', 'no'],
      ['postgres', undefined, 'unless-stopped'],
      ['role', 'migrate service_completed_successfully', 'no'],
    ]);
  });

  it('gives every service a read-only root, no privileges and resource limits', () => {
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        tmpfs: expect.arrayContaining(['/tmp']),
        mem_limit: expect.anything(),
        cpus: expect.anything(),
      });
      // The project's own image, or a pinned version.
      expect(service.image ?? service.build).toBeDefined();
      if (service.image !== undefined) expect(service.image).toMatch(/:\d+\.\d+$/);
    }
  });

  it('gives the API more time to stop than SHUTDOWN_GRACE', () => {
    const { api } = services as Record<'api', Service>;
    const seconds = Number(/^(\d+)s$/.exec(api.stop_grace_period ?? '')?.[1]);
    expect(seconds).toBeGreaterThan(readEnvironment({}).SHUTDOWN_GRACE);
  });

  it('publishes the port on the loopback address only', () => {
    const { api } = services as Record<'api', Service>;
    expect(api.ports).toHaveLength(1);
    expect(JSON.stringify(api.ports)).toContain('127.0.0.1');
  });

  describe('on a PostgreSQL server', () => {
    let cluster: PostgresCluster;
    beforeAll(async () => {
      cluster = await PostgresCluster.create();
    }, TIMEOUT_MS);
    afterAll(() => cluster?.remove(), TIMEOUT_MS);

    /** The environment of a service, with the address of the test's PostgreSQL server. */
    const environmentOf = ({ environment }: Service) => {
      const { host } = new URL(cluster.url);
      return Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [
          name,
          String(value).replace('@postgres:5432', `@${host}`),
        ]),
      );
    };

    async function query(url: string, sql: string) {
      const client = new Client(url);
      await client.connect();
      return client.query(sql).finally(() => client.end());
    }

    /** Does what the image does with an empty volume: creates the database and requires the password. */
    async function createVolume({ environment }: Service): Promise<void> {
      const { POSTGRES_DB, POSTGRES_PASSWORD } = environment;
      await query(cluster.url, `CREATE DATABASE ${POSTGRES_DB}`);
      await query(cluster.url, `ALTER ROLE postgres PASSWORD '${POSTGRES_PASSWORD}'`);
      const rules = project.path('pg_hba.conf');
      writeFileSync(rules, 'host all all 127.0.0.1/32 scram-sha-256\n');
      chmodSync(project.directory, 0o755);
      await query(cluster.url, `ALTER SYSTEM SET hba_file = '${rules}'`);
      cluster.stop('fast');
      cluster.start();
      await expect(query(cluster.url, 'SELECT')).rejects.toThrow(/password/);
    }

    /** Does what `docker compose up` does once PostgreSQL is healthy. */
    async function up({
      migrate,
      role,
      api,
    }: Record<string, Service>): Promise<{ program: Program; url: string; migrated: string }> {
      const migration = new Program(
        'migrate',
        environmentOf(migrate as Service),
        project.directory,
      );
      expect([await migration.exitCode(), migration.output]).toEqual([0, expect.anything()]);

      const [shell, ...args] = (role as Service).command ?? [];
      const { hostname, port } = new URL(cluster.url);
      const file = project.path('docs/database-role.sql');
      const command = args.map((arg) => arg.replace('/database-role.sql', file).replace('$$', '$'));
      await promisify(execFile)(shell as string, command, {
        env: {
          PATH: process.env['PATH'],
          ...environmentOf(role as Service),
          PGHOST: hostname,
          PGPORT: port,
        },
      });

      const free = await freePort();
      const url = `http://127.0.0.1:${free}`;
      const environment = { ...environmentOf(api as Service), PORT: String(free) };
      const program = new Program('main', environment, project.directory);
      await until(() => isHealthy(environment), TIMEOUT_MS);
      return { program, url, migrated: migration.output };
    }

    /** Runs the health check of the image. */
    async function isHealthy(environment: Record<string, string>): Promise<boolean> {
      const [, check] = /^HEALTHCHECK[^[]*CMD (\[.*\])$/m.exec(dockerfile) as unknown as [
        string,
        string,
      ];
      const [, ...args] = JSON.parse(check) as string[];
      const { PORT } = environment;
      return promisify(execFile)(process.execPath, args, { env: { PORT } }).then(
        () => true,
        () => false,
      );
    }

    it(
      'serves with the read-only role, on the first `up` and on the next one with the same volume',
      async () => {
        project.makeEnv();
        const services = await project.services();
        const { postgres, migrate, api } = services;
        await createVolume(postgres as Service);
        const owner = environmentOf(migrate as Service)['DATABASE_URL'] as string;
        const reader = environmentOf(api as Service)['DATABASE_URL'] as string;
        const secret = String((api as Service).environment['JWT_SECRET']);
        const authorization = `Bearer ${await signToken({ key: { secret } }, 1, 600)}`;

        for (const output of ['Applied', 'The schema is up to date']) {
          // The documented command, which must not change the passwords.
          expect(project.makeEnv()).toBe('');
          const { program, url, migrated } = await up(services);
          expect(migrated).toContain(output);
          if (output === 'Applied') {
            const dataSource = await new DataSource(dataSourceOptions(owner)).initialize();
            await seedCalls(dataSource, 1, CALLS).finally(() => dataSource.destroy());
          }
          expect((await fetch(`${url}/health/ready`)).status).toBe(200);
          const response = await fetch(`${url}/api/v1/calls/export`, {
            headers: { authorization },
          });
          expect((await response.text()).trim().split('\r\n')).toHaveLength(CALLS + 1);
          const sessions = await query(
            owner,
            `SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'calls-export%'`,
          );
          expect(sessions.rows).toEqual([{ usename: 'calls_export' }]);
          await expect(query(reader, 'DELETE FROM calls')).rejects.toThrow(/permission denied/);
          expect(await program.stop()).toBe(0);
          cluster.stop('fast');
          cluster.start();
        }
      },
      TIMEOUT_MS,
    );
  });
});

describe('deploy/make-env.sh', () => {
  it('is an executable shell script', () => {
    expect(() => execFileSync('sh', ['-n', join(ROOT, 'deploy/make-env.sh')])).not.toThrow();
    expect(statSync(join(ROOT, 'deploy/make-env.sh')).mode & 0o111).not.toBe(0);
  });
});
