// @slow
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TIMEOUT_MS } from '@calls/testing';
import { CALL_STATUSES } from 'nestjs-calls-export';
import { parse } from 'papaparse';
import { DEMO_JWT_SECRET } from '../src/token-settings';
import { exportFrom, LISTENING, Program } from './program';

afterAll(() => Program.killAll());

const CURL = /^curl -fOJ -H 'Authorization: Bearer ([^']+)'/m;

describe('The API as a process', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'api-spec-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it.each([
    ['PORT', { PORT: 'http' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/8;' }],
    ['JWT_SECRET', { JWT_SECRET: 'short' }],
    [
      'DATABASE_URL',
      { DATABASE_URL: 'postgres://127.0.0.1:1/nothing', JWT_SECRET: 'x'.repeat(32) },
    ],
    ['JWT_AUDIENCE', { JWT_AUDIENCE_CLAIM: 'client_id' }],
  ])(
    'does not start with an invalid %s, and says so in one sentence',
    async (name, environment) => {
      const program = new Program('main', environment, directory);
      expect(await program.exitCode()).toBe(1);
      expect(program.output).toMatch(new RegExp(`^[^\\n]*\\b${name}\\b[^\\n]+\\n$`));
    },
  );

  describe('in production', () => {
    const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) };
    const UNREACHABLE = 'postgres://user:a-secret@127.0.0.1:1/nothing';
    /** Parses the output, which must be one line. */
    const lineOf = (output: string) => {
      expect(output).toMatch(/^[^\n]+\n$/);
      return JSON.parse(output);
    };

    it.each([
      ['main', 'PORT must be', { PORT: 'http' }],
      ['main', 'DATABASE_URL is required', {}],
      ['main', "Can't connect to DATABASE_URL", { DATABASE_URL: UNREACHABLE }],
      ['migrate', "Can't connect to DATABASE_URL", { DATABASE_URL: UNREACHABLE }],
      ['seed', "Can't connect to DATABASE_URL", { DATABASE_URL: UNREACHABLE }],
      ['migrate', 'DATABASE_URL must be a URL', { DATABASE_URL: 'postgres://u:a-secret#@host/d' }],
      ['token', 'JWT_SECRET must have', { JWT_SECRET: 'short' }],
    ])(
      'fails with one line of JSON on stderr (%s: %s)',
      async (name, sentence, settings) => {
        const program = new Program(name, { ...PRODUCTION, ...settings }, directory);
        expect(await program.exitCode()).toBe(1);
        expect(lineOf(program.output)).toEqual({
          level: 'fatal',
          pid: program.child.pid,
          timestamp: expect.any(Number),
          message: expect.stringMatching(new RegExp(`^${sentence}[^\\n]+$`)),
          context: 'Api',
        });
        expect(program.output).not.toContain('a-secret');
      },
      TIMEOUT_MS,
    );

    it('fails with one line of JSON and the stack if packages are missing', () => {
      const copy = join(directory, 'main.js');
      copyFileSync(Program.path('main'), copy);
      const { status, stdout, stderr } = spawnSync(process.execPath, [copy], {
        env: { PATH: process.env['PATH'], ...PRODUCTION },
        encoding: 'utf8',
      });
      expect([status, stdout]).toEqual([1, '']);
      expect(lineOf(stderr)).toMatchObject({
        level: 'fatal',
        message: expect.stringMatching(/^Cannot find module /),
        stack: expect.stringContaining('Require stack'),
      });
    });
  });

  it('rejects the demo secret if DATABASE_URL is set, and does not sign tokens with it', async () => {
    const others = { DATABASE_URL: 'postgres://127.0.0.1:1/nothing', NODE_ENV: 'development' };
    for (const JWT_SECRET of ['', DEMO_JWT_SECRET]) {
      for (const name of ['main', 'token']) {
        const program = new Program(name, { ...others, JWT_SECRET }, directory);
        expect([name, await program.exitCode()]).toEqual([name, 1]);
        expect(program.output).toMatch(/^JWT_SECRET, [^\n]+ is required if DATABASE_URL [^\n]+\n$/);
      }
    }
  });

  it.each(['Production', 'prod', 'staging', 'production '])(
    'rejects NODE_ENV=%j in every command',
    async (NODE_ENV) => {
      const programs = ['main', 'migrate', 'seed', 'token'].map(
        (name) => new Program(name, { NODE_ENV }, directory),
      );
      for (const program of programs) {
        expect(await program.exitCode()).toBe(1);
        expect(program.output).toBe('NODE_ENV must be one of production, development, test\n');
      }
    },
    TIMEOUT_MS,
  );

  it(
    'serves demo data from the embedded database, runs commands next to it, and keeps the data',
    async () => {
      const first = new Program('main', { PORT: '0' }, directory);
      const url = await first.printed(LISTENING);
      const demoToken = await first.printed(CURL);
      const options = { header: true, skipEmptyLines: true } as const;
      const { data } = parse<{ Status: string }>(await exportFrom(url, demoToken), options);
      expect(data.length).toBeGreaterThan(1_000);
      const statuses = new Set(data.map(({ Status }) => Status));
      expect([...statuses].sort()).toEqual([...CALL_STATUSES].sort());

      const seed = new Program('seed', {}, directory, ['--account', '9', '--calls', '7']);
      expect([await seed.exitCode(), seed.output]).toEqual([0, 'Added 7 calls to account 9\n']);
      const token = new Program('token', {}, directory, ['--account', '9']);
      expect(await token.exitCode()).toBe(0);
      const csv = await exportFrom(url, token.output.trim());
      expect(csv.split('\r\n')).toHaveLength(1 + 7 + 1);
      const demo = await exportFrom(url, demoToken);
      expect(await first.stop()).toBe(0);

      const second = new Program('main', { PORT: '0' }, directory);
      const secondUrl = await second.printed(LISTENING);
      expect(await exportFrom(secondUrl, demoToken)).toBe(demo);
      expect(await exportFrom(secondUrl, token.output.trim())).toBe(csv);
      expect(await second.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'does not start while another server uses the embedded database, but does after a killed one',
    async () => {
      const first = new Program('main', { PORT: '0' }, directory);
      const url = await first.printed(LISTENING);
      const demoToken = await first.printed(CURL);
      const second = new Program('main', { PORT: '0' }, directory);
      expect([await second.exitCode(), second.output]).toEqual([
        1,
        `The embedded database in ${realpathSync(directory)}/.data is in use by process ${first.child.pid}: stop that process, or set DATABASE_URL\n`,
      ]);
      const csv = await exportFrom(url, demoToken);

      await first.stop('SIGKILL');
      const third = new Program('main', { PORT: '0' }, directory);
      expect(await exportFrom(await third.printed(LISTENING), demoToken)).toBe(csv);
      expect(await third.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'starts only once if several start at the same time on the embedded database',
    async () => {
      const programs = [1, 2, 3].map(() => new Program('main', { PORT: '0' }, directory));
      const first = await Promise.any(
        programs.map(async (program) => {
          await program.printed(LISTENING);
          return program;
        }),
      );
      for (const other of programs.filter((program) => program !== first)) {
        expect([await other.exitCode(), other.output]).toEqual([
          1,
          expect.stringMatching(
            new RegExp(`^The embedded database in [^\n]+ process ${first.child.pid}: [^\n]+\n$`),
          ),
        ]);
      }
      expect(await first.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'does not start with an invalid address in TRUST_PROXY, and says so in one sentence',
    async () => {
      const settings = { PORT: '0', LOG_LEVEL: 'error', TRUST_PROXY: '300.1.1.1/99' };
      const program = new Program('main', settings, directory);
      expect(await program.exitCode()).toBe(1);
      expect(program.output).toMatch(/^TRUST_PROXY must be [^\n]+\n$/);
    },
    TIMEOUT_MS,
  );

  it(
    'says that its port is in use',
    async () => {
      const first = new Program('main', { PORT: '0' }, directory);
      const { port } = new URL(await first.printed(LISTENING));
      const elsewhere = join(directory, 'elsewhere');
      mkdirSync(elsewhere);
      const second = new Program('main', { PORT: port }, elsewhere);
      expect(await second.exitCode()).toBe(1);
      expect(second.output).toMatch(
        new RegExp(`^Can't listen on PORT ${port} of HOST 127.0.0.1: `, 'm'),
      );
      expect(await first.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it.each([['--account'], ['--account', '0'], ['--account', '1e3'], ['--acount', '1'], ['1']])(
    'rejects the arguments %j in one sentence',
    async (...args) => {
      const program = new Program('token', {}, directory, args);
      expect(await program.exitCode()).toBe(1);
      expect(program.output).toMatch(/^[^\n]*integer[^\n]*\n$/);
    },
  );
});
