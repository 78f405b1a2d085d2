import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { ConsoleLogger } from '@nestjs/common';
import { sign } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsMissing } from './block-calls';
import { Download, LARGE_EXPORT } from './download';
import { type Api, bearer, SECRET, startApi } from './start-api';

describeEachDatabase('The log line of an export', dataSourceOptions, (database) => {
  let api: Api;
  const lines: Record<string, unknown>[] = [];
  const started: unknown[] = [];
  const token = sign({ account_id: 1, sub: 'auth0|ops' }, SECRET, { expiresIn: 600 });
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'request-1' };

  beforeAll(async () => {
    const logger = new ConsoleLogger();
    logger.debug = (message: unknown) => void started.push(message);
    for (const level of ['log', 'warn', 'error'] as const) {
      logger[level] = (message: unknown) => {
        if (message && typeof message === 'object' && 'export' in message)
          lines.push({ ...message });
      };
    }
    await seedCalls(database.dataSource, 1, LARGE_EXPORT);
    api = await startApi(database.url, { EXPORT_MAX_PER_ACCOUNT: 1 }, logger);
  }, TIMEOUT_MS);
  afterAll(() => api.close());
  beforeEach(() => {
    lines.splice(0);
    started.splice(0);
  });

  async function line(): Promise<Record<string, unknown>> {
    await until(() => lines.length > 0, TIMEOUT_MS);
    expect(lines).toHaveLength(1);
    return lines[0] as Record<string, unknown>;
  }
  const url = (query: string) => `${api.url}/api/v1/calls/export?${query}`;

  it('has the rows, bytes and digest of a completed export', async () => {
    const download = await Download.open(url('format=json&date_to='), headers);
    const { bytes } = await download.take();
    expect(await line()).toEqual({
      message: `Export completed: ${LARGE_EXPORT} calls, ${bytes} bytes`,
      export: 'completed',
      requestId: 'request-1',
      account: 1,
      subject: 'auth0|ops',
      parameters: { format: 'json', date_to: '' },
      rows: LARGE_EXPORT,
      bytes,
      sha256: download.sha256(),
      durationMs: expect.any(Number),
    });
    // The only line if the process is killed; logged at debug level.
    expect(started).toEqual([
      {
        message: 'Export started',
        export: 'begun',
        requestId: 'request-1',
        account: 1,
        subject: 'auth0|ops',
        parameters: { format: 'json', date_to: '' },
      },
    ]);
  });

  it.each([
    ['csv', -1],
    ['json', -1],
    ['ndjson', 0],
  ])(
    'has the size and digest of the uncompressed file, with and without compression (%s)',
    async (format, more) => {
      for (const encoding of ['gzip', 'identity']) {
        const requestHeaders = { ...headers, 'accept-encoding': encoding };
        const download = await Download.open(url(`status=busy&format=${format}`), requestHeaders);
        const { bytes, lines: newlines } = await download.take();
        expect(await line()).toMatchObject({
          export: 'completed',
          rows: newlines + more,
          bytes,
          sha256: download.sha256(),
        });
        lines.splice(0);
      }
    },
  );

  it('says that the client aborted an export, and that another one was refused', async () => {
    const download = await Download.open(url('format=json'), headers);
    await (await Download.open(url(''), { ...headers, 'x-request-id': 'a b' })).take();
    expect(await line()).toEqual({
      message: expect.stringMatching(
        /^Export refused: Account limit reached: 1 export is already running/,
      ),
      export: 'refused',
      reason: expect.stringContaining('Account limit reached: 1 export is already running'),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      account: 1,
      subject: 'auth0|ops',
      parameters: {},
      rows: 0,
      bytes: 0,
      durationMs: expect.any(Number),
    });
    lines.splice(0);
    download.abort();
    const { export: outcome, rows, ...others } = await line();
    expect(outcome).toBe('aborted');
    expect(others).not.toHaveProperty('sha256');
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(LARGE_EXPORT);
  });

  it('has the reason of an unexpected error', async () => {
    await whileCallsMissing(database.dataSource, async () => {
      await (await Download.open(url(''), bearer(2))).take();
      expect(await line()).toMatchObject({
        export: 'refused',
        account: 2,
        reason: expect.stringContaining('does not exist'),
      });
    });
  });
});
