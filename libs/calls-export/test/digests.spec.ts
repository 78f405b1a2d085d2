import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientRequest,
  get,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { rawResponse, until } from '@calls/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  Call,
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

/** Several pages. */
const CALLS = 500;
const PAGE_SIZE = 100;
const FORMATS = ['csv', 'json', 'ndjson'] as const;
const DECLARED = 'X-Export-Rows, Unencoded-Digest';

const sha256 = (file: Uint8Array) => createHash('sha256').update(file).digest('hex');

/** The trailers that a client should get with a file. */
function trailersOf(file: Uint8Array, rows: number) {
  const digest = createHash('sha256').update(file).digest('base64');
  return { 'x-export-rows': String(rows), 'unencoded-digest': `sha-256=:${digest}:` };
}

afterEach(closeHosts);

describe.each(ADAPTER_NAMES)('A file exported on %s', (adapter) => {
  let url: string;
  let service: CallsExportService;
  let reports: ExportReport[];

  async function start(
    options: CallsExportModuleOptions = {},
    middleware?: (response: ServerResponse) => void,
  ): Promise<void> {
    reports = [];
    const onExportEnd = (report: ExportReport) => void reports.push(report);
    const imports = [
      memory(),
      CallsExportModule.forRoot({
        ...HEADER_OPTIONS,
        pageSize: PAGE_SIZE,
        onExportEnd,
        ...options,
      }),
    ];
    const host = await startHost(imports, {
      adapter,
      configure: (app) => {
        if (middleware) {
          app.use((_request: unknown, response: never, next: () => void) => {
            middleware(response);
            next();
          });
        }
      },
    });
    url = `${host.url}/calls/export`;
    service = host.app.get(CallsExportService, { strict: false });
    const calls = Array.from({ length: CALLS - 1 }, (_, index) => ({
      accountId: 1,
      callSid: `CA${index}`,
      status: 'completed',
      customerPhoneNumber: 'Zoë',
    }));
    await host.app.get<DataSource>(getDataSourceToken()).getRepository(Call).insert(calls);
  }

  /** Sends a request. @returns the response, and the decompressed file. */
  async function receive(sent: ClientRequest): Promise<[IncomingMessage, Buffer]> {
    const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
    const body = await buffer(response);
    return [response, response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body];
  }
  const download = (query = '', headers = {}) =>
    receive(get(`${url}${query}`, { headers: { ...ACCOUNT_1, te: 'trailers', ...headers } }));

  async function report(): Promise<ExportReport> {
    await until(() => reports.length > 0, 10_000);
    return reports.shift() as ExportReport;
  }

  it.each(FORMATS)('has its digest in the report and in the trailers (%s)', async (format) => {
    await start();
    for (const encoding of ['identity', 'gzip']) {
      const [response, file] = await download(`?format=${format}`, { 'accept-encoding': encoding });
      expect(response.headers['content-encoding']).toBe(encoding === 'gzip' ? 'gzip' : undefined);
      expect(response.headers.trailer).toBe(DECLARED);
      expect(response.trailers).toEqual(trailersOf(file, CALLS));
      expect(await report()).toMatchObject({
        outcome: 'completed',
        rows: CALLS,
        bytes: file.length,
        sha256: sha256(file),
      });
    }
  });

  it.each(FORMATS)('has its digest in both if it has no calls (%s)', async (format) => {
    await start();
    const [response, file] = await download(`?format=${format}&status=queued`);
    expect(file.toString('latin1').split('\n').length).toBeLessThanOrEqual(2);
    expect(response.trailers).toEqual(trailersOf(file, 0));
    expect(await report()).toMatchObject({ outcome: 'completed', rows: 0, sha256: sha256(file) });
  });

  it('has no trailers if the client does not accept them', async () => {
    await start();
    for (const te of [undefined, 'deflate;q=0.5', 'x;a="1, trailers"']) {
      const headers = { ...ACCOUNT_1, ...(te && { te }) };
      const [response, file] = await receive(get(url, { headers }));
      expect([response.headers.trailer, response.trailers]).toEqual([undefined, {}]);
      expect((await report()).sha256).toBe(sha256(file));
    }
  });

  it('has trailers if TE lists other encodings too, and if the connection closes after it', async () => {
    await start();
    const [response, file] = await download('', {
      te: 'deflate;q=0.5, Trailers',
      connection: 'close, TE',
    });
    expect(response.headers.connection).toBe('close');
    expect(response.trailers).toEqual(trailersOf(file, CALLS));
  });

  it('has trailers neither in the response to HEAD nor in an error response', async () => {
    await start();
    const headers = { ...ACCOUNT_1, te: 'trailers' };
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 400],
    ] as const) {
      const query = status === 400 ? '?format=pdf' : '';
      const [response] = await receive(request(`${url}${query}`, { method, headers }));
      expect(response.statusCode).toBe(status);
      expect([response.headers.trailer, response.trailers]).toEqual([undefined, {}]);
    }
  });

  it('is sent without trailers over HTTP/1.0', async () => {
    await start({ acceptHttp10: true });
    const response = await rawResponse(
      Number(new URL(url).port),
      'GET /calls/export HTTP/1.0\r\nX-Account: 1\r\nTE: trailers\r\n\r\n',
    );
    const end = response.indexOf('\r\n\r\n');
    const head = response.subarray(0, end).toString();
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(head).not.toMatch(/^(trailer|transfer-encoding):/im);
    expect((await report()).sha256).toBe(sha256(response.subarray(end + 4)));
  });

  it("keeps the host's own trailers, whether they are added early or late", async () => {
    const times = ['early', 'late'] as const;
    for (const time of times) {
      await start({}, (response) => {
        response.setHeader('Trailer', 'Server-Timing');
        const { end } = response;
        const add = () => response.addTrailers([['Server-Timing', time]]);
        response.once('pipe', () => time === 'early' && add());
        // As middleware that measures a response does.
        response.end = ((...args: Parameters<typeof end>) => {
          if (time === 'late') add();
          return end.apply(response, args);
        }) as typeof end;
      });
      const [response, file] = await download();
      expect(response.headers.trailer).toBe(`Server-Timing, ${DECLARED}`);
      expect(response.trailers).toEqual({ 'server-timing': time, ...trailersOf(file, CALLS) });
    }
  });

  it("is sent without a digest if a host's test replaces the stream with a fake one", async () => {
    await start();
    jest.spyOn(service, 'export').mockResolvedValue(Readable.from(['fake']) as never);
    const [response, file] = await download();
    expect([String(file), response.trailers]).toEqual(['fake', {}]);
    const { outcome, sha256: digest } = await report();
    expect([outcome, digest]).toEqual(['completed', undefined]);
  });

  it('has neither trailers nor a digest if the response is aborted', async () => {
    await start();
    const open = service.export.bind(service);
    jest.spyOn(service, 'export').mockImplementation(async (...args) => {
      const stream = await open(...args);
      const read = stream._read.bind(stream);
      let pieces = 0;
      stream._read = async () => {
        pieces += 1;
        // The third piece never comes.
        if (pieces < 3) await read();
      };
      return stream;
    });
    const sent = get(url, { headers: { ...ACCOUNT_1, te: 'trailers' } });
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    // The response gets the reset too.
    sent.on('error', () => {});
    expect(response.headers.trailer).toBe(DECLARED);
    service.stopAll('the app ends');
    await expect(buffer(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(response.trailers).toEqual({});
    const { outcome, rows, sha256: digest } = await report();
    expect([outcome, digest]).toEqual(['failed', undefined]);
    expect(rows).toBeLessThan(CALLS);
  });
});

describe('A file exported by the service', () => {
  const reports: ExportReport[] = [];
  const onExportEnd = (report: ExportReport) => void reports.push(report);
  let service: CallsExportService;

  beforeEach(async () => {
    reports.splice(0);
    const imports = [
      memory(),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, maxPerAccount: 1, onExportEnd }),
    ];
    service = (await startHost(imports)).app.get(CallsExportService, { strict: false });
  });

  it.each(FORMATS)('has a digest once it has been read (%s)', async (format) => {
    const stream = await service.export(1, { format });
    expect(stream.sha256).toBeUndefined();
    const closed = once(stream, 'close');
    const file = await buffer(stream);
    await closed;
    expect(stream.sha256).toBe(sha256(file));
    expect(reports).toEqual([
      expect.objectContaining({
        outcome: 'completed',
        rows: 1,
        bytes: file.length,
        sha256: sha256(file),
      }),
    ]);
  });

  it('has no digest if the export is refused, abandoned or fails', async () => {
    const abandoned = await service.export(1);
    await expect(service.export(1)).rejects.toThrow(
      'Account limit reached: 1 export is already running',
    );
    const closed = once(abandoned, 'close');
    abandoned.destroy();
    await closed;
    const failing = await service.export(1);
    const failed = new Promise((close) => failing.once('error', () => {}).once('close', close));
    failing.once('data', () => service.stopAll('the app ends'));
    await failed;
    expect([abandoned.sha256, failing.sha256]).toEqual([undefined, undefined]);
    expect(reports.map(({ outcome, sha256: digest }) => [outcome, digest])).toEqual([
      ['refused', undefined],
      ['aborted', undefined],
      ['failed', undefined],
    ]);
  });
});
