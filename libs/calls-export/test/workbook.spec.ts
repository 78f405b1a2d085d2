// @slow
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describeWith, SEARCH_PATH, until } from '@calls/testing';
import * as fc from 'fast-check';
import { parse } from 'papaparse';
import { DataSource } from 'typeorm';
import { Call, CallsExportModule, CallsExportService } from '../src';
import { insertCalls } from './insert-calls';
import { readWorkbook, valuesOf } from './read-workbook';
import {
  ACCOUNT_1,
  ADAPTER_NAMES,
  closeHosts,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

const run = promisify(execFile);
const MEDIA_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const LIBREOFFICE_TIMEOUT_MS = 180_000;

/** Starts a host with these calls in addition to the one of `memory`. */
async function startWith(
  calls: readonly Partial<Call>[],
  adapter: (typeof ADAPTER_NAMES)[number] = 'Express',
  pageSize = 7,
) {
  const options = { ...HEADER_OPTIONS, pageSize };
  const host = await startHost([memory(), CallsExportModule.forRoot(options)], { adapter });
  const rows = calls.map((call, index) => ({
    accountId: 1,
    callSid: `CA${index}`,
    status: 'completed',
    ...call,
  }));
  await insertCalls(host.app.get(DataSource), rows);
  const url = `${host.url}/calls/export?format=xlsx`;
  const download = (method = 'GET', query = '') =>
    fetch(url + query, { method, headers: { ...ACCOUNT_1, 'accept-encoding': 'gzip' } });
  return { ...host, url, download };
}

describe.each(ADAPTER_NAMES)('A workbook exported over HTTP, on %s,', (adapter) => {
  afterEach(closeHosts);

  it('is a download that is not compressed again', async () => {
    const { download } = await startWith([], adapter);
    for (const method of ['GET', 'HEAD']) {
      const response = await download(method);
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': MEDIA_TYPE,
        'content-disposition': 'attachment; filename="calls_export.xlsx"',
      });
      expect(response.headers.get('content-encoding')).toBeNull();
      await response.arrayBuffer();
    }
  });

  it('has the calls of many pages in order, and only those that match a filter', async () => {
    const calls = Array.from({ length: 50 }, (_, index) => ({
      duration: index,
      startedAt: new Date(Date.UTC(2023, 9, 30, 10, 0, 50 - index)),
    }));
    const { download } = await startWith(calls, adapter);
    const durations = async (query = '') => {
      const file = await readWorkbook(
        Buffer.from(await (await download('GET', query)).arrayBuffer()),
      );
      return file.flatMap((sheet) => valuesOf(sheet)).map((cells) => cells[5]);
    };
    const ordered = calls.map(({ duration }) => String(duration));
    expect(await durations()).toEqual(['Duration (seconds)', null, ...ordered]);
    expect(await durations('&date_from=2023-10-30')).toEqual([
      'Duration (seconds)',
      ...ordered.reverse(),
    ]);
    expect(await durations('&date_from=2024-01-01')).toEqual(['Duration (seconds)']);
  });

  it('is aborted by a reset of the connection if a call cannot be exported', async () => {
    const { url, app } = await startWith(
      Array.from({ length: 60 }, () => ({})),
      adapter,
    );
    const dataSource = app.get(DataSource);
    await dataSource.query("UPDATE calls SET started_at = '12345-01-01' WHERE id = 50");
    const outcome = new Promise((resolve) => {
      const fail = ({ code }: NodeJS.ErrnoException) => resolve(code);
      const request = get(url, { headers: ACCOUNT_1 }, (response) => {
        response.on('error', fail).resume();
        response.on('end', () => resolve('complete'));
      });
      request.on('error', fail);
    });
    expect(await outcome).toBe('ECONNRESET');
  });

  it('leaves nothing running if the client disconnects', async () => {
    // Barely compressible, so that the client disconnects in the middle of the file.
    const calls = Array.from({ length: 200 }, () => ({
      customerPhoneNumber: randomBytes(24_000).toString('base64'),
    }));
    const { url, app } = await startWith(calls, adapter);
    await new Promise<void>((resolve, reject) => {
      const request = get(url, { headers: ACCOUNT_1 }, (response) => {
        response.once('data', () => {
          request.destroy();
          resolve();
        });
        response.on('error', () => {});
      });
      request.on('error', reject);
    });
    const service = app.get(CallsExportService, { strict: false });
    await until(() => service.load.running === 0, 10_000);
  });
});

describe('A workbook exported by the service', () => {
  afterEach(closeHosts);

  it('reports its progress in calls and bytes', async () => {
    const { app } = await startWith(Array.from({ length: 20 }, () => ({})));
    const service = app.get(CallsExportService, { strict: false });
    const stream = await service.export(1, { format: 'xlsx' });
    const file = await buffer(stream);
    expect(stream.progress).toEqual({ rows: 21, bytes: file.length });
  });
});

describeWith(['soffice'], 'LibreOffice', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'calls-workbook-'));
  });
  afterEach(closeHosts);
  afterAll(() => rm(directory, { recursive: true }));

  /** Opens a workbook, and saves its first sheet as CSV. */
  async function opened(file: Buffer): Promise<string[][]> {
    await writeFile(join(directory, 'calls.xlsx'), file);
    const profile = `-env:UserInstallation=file://${join(directory, 'profile')}`;
    // Comma, quotation mark, UTF-8, from the first line, all texts in quotes, cells as shown.
    const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,0';
    const paths = ['--outdir', directory, join(directory, 'calls.xlsx')];
    await run('soffice', [profile, '--headless', '--convert-to', filter, ...paths], {
      env: { ...process.env, PATH: SEARCH_PATH },
      timeout: LIBREOFFICE_TIMEOUT_MS,
    });
    const csv = await readFile(join(directory, 'calls.csv'), 'utf8');
    return parse<string[]>(csv, { skipEmptyLines: true }).data;
  }

  it(
    'opens a workbook, and shows the same cells as the JSON file has',
    async () => {
      const texts = [
        '=1+1',
        '+15551234567',
        '0012',
        '  padded  ',
        'a\nb\ttab',
        '<a href="x">&amp;</a>',
        '_x0041_ _x005F_x0042_',
        "'quoted'",
        '1e5',
        '2023-10-30',
        'TRUE',
        '12345678901234567890',
        'é☎😀\u0085\u2028',
        '\u0001\u0002\u001f',
        `${'x'.repeat(32_766)}yz`,
        ...fc.sample(
          fc.string({
            unit: fc.constantFrom(...'=+-@<>&"\'_x0041,;\n\t é😀'.split('')),
            minLength: 1,
            maxLength: 12,
          }),
          { numRuns: 300, seed: 1 },
        ),
      ];
      // Times spread over two hundred years, and an id that a double can't represent.
      const calls = Array.from({ length: 3_000 }, (_, index) => ({
        id: index === 0 ? '9007199254740993' : String(index + 100),
        customerPhoneNumber: texts[index % texts.length],
        duration: index,
        startedAt: new Date(Date.UTC(1900, 2, 1) + index * 25_013 * 86_399),
        endedAt: index % 2 ? null : new Date(Date.UTC(2023, 9, 30) + index * 29_000),
      }));
      const { download, url } = await startWith(calls, 'Express', 500);
      const file = Buffer.from(await (await download()).arrayBuffer());
      const [titles, ...rows] = await opened(file);
      const json = await fetch(url.replace('xlsx', 'json'), { headers: ACCOUNT_1 });
      const text = (await json.text()).replace(/"id":(\d+)/g, '"id":"$1"');
      const expected = (JSON.parse(text) as Record<string, string | number | null>[]).map((call) =>
        Object.entries(call).map(([key, value]) => {
          const cell = String(value ?? '');
          if (key.endsWith('_at')) return cell.replace('T', ' ');
          return cell.length > 32_767 ? `${cell.slice(0, 32_766)}…` : cell;
        }),
      );
      expect(titles?.[0]).toBe('Call ID');
      expect(rows).toHaveLength(expected.length);
      for (const [index, row] of expected.entries()) expect(rows[index]).toEqual(row);
    },
    LIBREOFFICE_TIMEOUT_MS,
  );
});
