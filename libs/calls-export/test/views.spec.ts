import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ExpressAdapter } from '@nestjs/platform-express';
import { listen } from '@calls/testing';
import {
  CallsExportModule,
  type CallsExportModuleOptions,
  CallsExportService,
  type ExportReport,
} from '../src';
import {
  ACCOUNT_1,
  ADAPTER_NAMES,
  closeHosts,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

afterEach(closeHosts);

const mask = (sid: unknown) => `${String(sid).slice(0, 2)}…`;

/** An analyst sees only the beginning of a SID; an operator sees no status. */
const VIEWS: CallsExportModuleOptions = {
  ...HEADER_OPTIONS,
  columns: ['call_sid', { key: 'status', title: 'State' }],
  views: {
    analyst: [{ key: 'call_sid', title: 'SID', mask }, 'status'],
    operator: ['call_sid'],
  },
  findView: (request) =>
    (request as unknown as { headers: Record<string, string> }).headers['x-view'],
};

function get(url: string, view?: string, query = ''): Promise<Response> {
  const headers = { ...ACCOUNT_1, ...(view !== undefined && { 'x-view': view }) };
  return fetch(`${url}/calls/export${query}`, { headers });
}

describe.each(ADAPTER_NAMES)('The view of a request, on %s,', (adapter) => {
  it('determines the columns of the file, and how they are masked', async () => {
    const { url } = await startHost([memory(), CallsExportModule.forRoot(VIEWS)], { adapter });
    const files = ['default', 'analyst', 'operator'].map((view) =>
      get(url, view).then((response) => response.text()),
    );
    expect(await Promise.all(files)).toEqual([
      '"call_sid","State"\r\n"CA of 1","voicemail"\r\n'.replace('call_sid', 'Call SID'),
      '"SID","Status"\r\n"CA…","voicemail"\r\n',
      '"Call SID"\r\n"CA of 1"\r\n',
    ]);
    expect(await (await get(url, 'analyst', '?format=json')).json()).toEqual([
      { call_sid: 'CA…', status: 'voicemail' },
    ]);
  });

  it.each([undefined, 'lost', '__proto__', 'toString', ''])(
    'returns 403 if no view has the name %s',
    async (view) => {
      const { url } = await startHost([memory(), CallsExportModule.forRoot(VIEWS)], { adapter });
      const response = await get(url, view);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({
        message: 'The request does not identify a view of the calls',
      });
    },
  );
});

describe('The log line and the report of an export', () => {
  let lines: Record<string, unknown>[];
  let reports: ExportReport[];
  const onExportEnd = (report: ExportReport) => void reports.push(report);

  beforeEach(() => {
    [lines, reports] = [[], []];
    for (const level of ['log', 'warn', 'error', 'debug'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...[line]: unknown[]) => {
        if (typeof line === 'object') lines.push(line as Record<string, unknown>);
      });
    }
  });
  afterEach(() => jest.restoreAllMocks());

  it('name the view', async () => {
    const { url } = await startHost([
      memory(),
      CallsExportModule.forRoot({ ...VIEWS, onExportEnd }),
    ]);
    await (await get(url, 'analyst')).text();
    expect(lines.map(({ view }) => view)).toEqual(['analyst', 'analyst']);
    expect(reports).toEqual([expect.objectContaining({ view: 'analyst', outcome: 'completed' })]);
  });

  const exporting = async (options: Partial<CallsExportModuleOptions> = {}) => {
    const { app } = await startHost([
      memory(),
      CallsExportModule.forRoot({ ...VIEWS, onExportEnd, ...options }),
    ]);
    return app.get(CallsExportService, { strict: false });
  };

  it('say after which call it continues', async () => {
    const service = await exporting();
    await text(await service.export(1, { view: 'operator', after: 1n }));
    expect(lines.at(-1)).toMatchObject({ rows: 0, parameters: { format: 'csv', after: '1' } });
  });

  it('are written for an export without HTTP too', async () => {
    const service = await exporting();
    const query = { view: 'operator', status: 'voicemail', startedBefore: undefined };
    const file = await service.export(1, query);
    expect(lines).toEqual([
      {
        message: 'Export started',
        export: 'begun',
        account: 1,
        subject: null,
        parameters: expect.anything(),
        view: 'operator',
      },
    ]);
    const bytes = Buffer.byteLength(await text(file));
    const { sha256 } = file;
    expect(reports).toEqual([
      {
        outcome: 'completed',
        format: 'csv',
        account: 1,
        view: 'operator',
        rows: 1,
        bytes,
        sha256,
        reason: undefined,
        durationMs: expect.any(Number),
        firstByteMs: expect.any(Number),
      },
    ]);
    expect(lines[1]).toEqual({
      message: `Export completed: 1 call, ${bytes} bytes`,
      export: 'completed',
      account: 1,
      subject: null,
      parameters: { format: 'csv', status: 'voicemail' },
      view: 'operator',
      rows: 1,
      bytes,
      sha256,
      durationMs: expect.any(Number),
    });
  });

  it('say that an export without HTTP was refused, aborted or failed', async () => {
    const service = await exporting({ maxPerAccount: 1 });
    await expect(service.export(1, { view: 'lost' })).rejects.toThrow(
      'view must be one of default, analyst, operator, got lost',
    );
    const left = await service.export(1);
    await expect(service.export(1)).rejects.toThrow(
      'Account limit reached: 1 export is already running',
    );
    left.destroy();
    await new Promise((closed) => left.once('close', closed));
    const stop = new AbortController();
    const stopped = await service.export(1, { signal: stop.signal });
    stopped.once('error', () => {});
    stop.abort();
    await new Promise((closed) => stopped.once('close', closed));
    const failing = await service.export(1);
    failing.once('error', () => {});
    service.stopAll('the app ends');
    await new Promise((closed) => failing.once('close', closed));
    expect(reports.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', 'view must be one of default, analyst, operator, got lost'],
      ['refused', expect.stringContaining('Account limit reached: 1 export is already running')],
      ['aborted', undefined],
      ['aborted', undefined],
      ['failed', 'the app ends'],
    ]);
  });
});

describe('The service', () => {
  it.each([
    ['', '"call_sid"\r\n"CA1"\r\n'],
    ['?format=json', '[]'],
  ])("can return a plain stream in a host's tests (%s)", async (query, file) => {
    const reports: ExportReport[] = [];
    const module = await Test.createTestingModule({
      imports: [
        memory(),
        CallsExportModule.forRoot({
          ...HEADER_OPTIONS,
          onExportEnd: (report) => void reports.push(report),
        }),
      ],
    })
      .overrideProvider(CallsExportService)
      .useValue({ export: async () => Readable.from([file]), count: async () => 7 })
      .compile();
    const app = module.createNestApplication(new ExpressAdapter(), { logger: false });
    const url = await listen(app);
    try {
      for (const encoding of ['identity', 'gzip']) {
        const headers = { ...ACCOUNT_1, 'accept-encoding': encoding };
        const response = await fetch(`${url}/calls/export${query}`, { headers });
        expect(await response.text()).toBe(file);
      }
      expect(reports.map(({ outcome, rows, bytes }) => [outcome, rows, bytes])).toEqual([
        ['completed', 0, 0],
        ['completed', 0, 0],
      ]);
      const head = await fetch(`${url}/calls/export`, {
        method: 'HEAD',
        headers: ACCOUNT_1,
      });
      expect(head.headers.get('x-total-count')).toBe('7');
    } finally {
      await app.close();
    }
  });
});

describe.each(ADAPTER_NAMES)('A host without assistants, on %s,', (adapter) => {
  it('has no column and no parameter for them', async () => {
    const { url, app } = await startHost(
      [memory(), CallsExportModule.forRoot({ ...HEADER_OPTIONS, assistants: false })],
      { adapter },
    );
    const file = await (await get(url)).text();
    expect(file.split('\r\n')[0]).toBe(
      '"Call ID","Call SID","Customer Phone","Status","Duration (seconds)","Started At","Ended At"',
    );
    const refused = await get(url, undefined, '?assistant_id=1');
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      {
        message: [
          'assistant_id is not a parameter of the export; valid parameters are format, status, date_from, date_to, timezone, after',
        ],
      },
    ]);
    const service = app.get(CallsExportService, { strict: false });
    await expect(service.export(1, { assistantId: 1 })).rejects.toThrow(
      new TypeError('There are no assistants: leave assistantId out'),
    );
  });
});
