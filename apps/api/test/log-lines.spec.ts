import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import type { LoggerService } from '@nestjs/common';
import { sign } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsMissing } from './block-calls';
import { Download, LARGE_EXPORT } from './download';
import { type Api, bearer, SECRET, startApi } from './start-api';

/** The maximum length of a log line, as JSON. */
const LINE_MAX = 2_000;

describeEachDatabase('The log of an export', dataSourceOptions, (database) => {
  let api: Api;
  /** Messages at the default log level and above, with their level. */
  const lines: [string, Record<string, unknown>][] = [];
  /** Messages below the default log level. */
  const details: unknown[] = [];

  beforeAll(async () => {
    const write = (level: string) => (message: Record<string, unknown>) =>
      void lines.push([level, message]);
    const detail = (message: unknown) => void details.push(message);
    const logger: LoggerService = {
      log: write('log'),
      warn: write('warn'),
      error: write('error'),
      fatal: write('fatal'),
      debug: detail,
      verbose: detail,
    };
    await seedCalls(database.dataSource, 1, LARGE_EXPORT);
    api = await startApi(database.url, { EXPORT_MAX_PER_ACCOUNT: 1 }, logger);
  }, TIMEOUT_MS);
  afterAll(() => api.close());
  beforeEach(async () => {
    // The previous export frees its slot shortly after it logs its line.
    await until(async () => {
      const { details } = (await (await fetch(`${api.url}/health/ready`)).json()) as {
        details: { exports: { running: number } };
      };
      return details.exports.running === 0;
    }, TIMEOUT_MS);
    lines.splice(0);
    details.splice(0);
  });

  const url = (query = '') => `${api.url}/api/v1/calls/export?${query}`;

  /** Waits for the line, and expects that no other one follows it. */
  async function oneLine(): Promise<[string, Record<string, unknown>]> {
    await until(() => lines.length > 0, TIMEOUT_MS);
    // Gives the export time to log another line.
    await fetch(`${api.url}/health/ready`);
    expect(lines).toHaveLength(1);
    return lines[0] as [string, Record<string, unknown>];
  }

  describe('is one line if the export is', () => {
    it('completed', async () => {
      const { bytes } = await (await Download.open(url(), bearer(1))).take();
      expect(await oneLine()).toEqual([
        'log',
        expect.objectContaining({
          message: `Export completed: ${LARGE_EXPORT} calls, ${bytes} bytes`,
          export: 'completed',
        }),
      ]);
    });

    it('completed without calls', async () => {
      const { bytes } = await (await Download.open(url('status=queued'), bearer(99))).take();
      const [, { message }] = await oneLine();
      expect(message).toBe(`Export completed: 0 calls, ${bytes} bytes`);
    });

    it('aborted', async () => {
      const download = await Download.open(url('format=json'), bearer(1));
      download.abort();
      expect(await oneLine()).toEqual([
        'log',
        expect.objectContaining({
          message: expect.stringMatching(/^Export aborted after \d+ calls, \d+ bytes$/),
        }),
      ]);
    });

    it(
      'failed',
      async () => {
        const download = await Download.open(url('format=json'), bearer(1));
        await whileCallsMissing(database.dataSource, async () => {
          await expect(download.take()).rejects.toThrow('aborted');
          expect(await oneLine()).toEqual([
            'error',
            expect.objectContaining({
              message: expect.stringMatching(
                /^Export failed after \d+ calls, \d+ bytes: relation "[^"]*calls" does not exist$/,
              ),
              export: 'failed',
            }),
          ]);
        });
      },
      TIMEOUT_MS,
    );

    it('refused because too many exports run', async () => {
      const running = await Download.open(url('format=json'), bearer(1));
      await (await Download.open(url(), bearer(1))).take();
      const [level, { message }] = await oneLine();
      expect([level, message]).toEqual([
        'warn',
        expect.stringMatching(
          /^Export refused: Account limit reached: 1 export is already running\./,
        ),
      ]);
      running.abort();
      await until(() => lines.length === 2, TIMEOUT_MS);
    });

    it('refused because of an unexpected error, with the stack', async () => {
      await whileCallsMissing(database.dataSource, async () => {
        expect((await api.export()).status).toBe(500);
        expect(await oneLine()).toEqual([
          'error',
          expect.objectContaining({
            message: 'Export refused: relation "calls" does not exist',
            stack: expect.stringMatching(/relation "calls" does not exist\n +at /),
          }),
        ]);
      });
    });

    it('a HEAD request that fails, with the error', async () => {
      await whileCallsMissing(database.dataSource, async () => {
        expect((await api.head()).status).toBe(500);
        const [level, error] = await oneLine();
        expect([level, String(error)]).toEqual(['error', 'Error: relation "calls" does not exist']);
      });
    });
  });

  describe('has no long line if', () => {
    const long = (text: string) => text.repeat(12_000 / text.length);
    const token = (claims: object) => `Bearer ${sign(claims, SECRET, { expiresIn: 600 })}`;
    const mine = bearer(99);

    it.each<[string, number, string, Record<string, string>]>([
      ['a valid value', 200, `assistant_id=${long('0')}7`, mine],
      ['an invalid value', 400, `assistant_id=${long('x')}`, mine],
      ['a parameter name', 400, `${long('x')}=1`, mine],
      ['a repeated parameter', 400, long('status=busy&'), mine],
      [
        'a list of parameters',
        400,
        Array.from({ length: 900 }, (_, n) => `p${n}=1`).join('&'),
        mine,
      ],
      ['a sequence of brackets', 400, `status${long('[a]')}=1`, mine],
      ['a sequence of line breaks', 400, `status=${long('%0A')}`, mine],
      [
        'the subject of the token',
        200,
        'status=queued',
        { authorization: token({ account_id: 99, sub: 'x'.repeat(6_000) }) },
      ],
      [
        'a subject that is an array',
        200,
        'status=queued',
        { authorization: token({ account_id: 99, sub: Array(400).fill({ a: [['b']] }) }) },
      ],
      ['the request id', 200, 'status=queued', { ...mine, 'x-request-id': long('x') }],
      ['the token', 401, '', { authorization: `Bearer ${long('x')}` }],
    ])('%s is long (status %d)', async (_, status, query, headers) => {
      const response = await api.export(query, headers);
      expect(response.status).toBe(status);
      await response.text();
      if (status === 200) await oneLine();
      // An export logs its start and its outcome, a bad token its reason, and a bad query nothing.
      const count = { 200: [1, 1], 400: [0, 0], 401: [0, 1] }[status];
      expect([lines.length, details.length]).toEqual(count);
      for (const line of [...lines, ...details])
        expect(JSON.stringify(line).length).toBeLessThan(LINE_MAX);
    });

    it('a value is long: it is truncated with its length', async () => {
      await (await api.export(`assistant_id=${long('0')}7`, mine)).text();
      const [, { parameters }] = await oneLine();
      expect(parameters).toEqual({ assistant_id: `${'0'.repeat(200)}… (12001 characters)` });
    });

    it.each(['/nowhere', '/api/v1/calls/export', '/docs', '/%FF'])(
      'the path %s is long: nothing is logged',
      async (path) => {
        expect((await fetch(`${api.url}${path}/${long('x')}`)).status).toBe(404);
        expect([...lines, ...details]).toEqual([]);
      },
    );
  });
});
