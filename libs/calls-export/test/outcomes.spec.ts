import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { until } from '@calls/testing';
import { Controller, Get } from '@nestjs/common';
import { CallsExportModule, CallsExportService, type ExportReport } from '../src';
import {
  DatabaseUnavailableError,
  ExportStoppedError,
  InvalidAccountError,
  InvalidAfterError,
  TooManyExportsError,
  UnexportableCallError,
} from '../src/lib/model/export-errors';
import {
  ACCOUNT_1,
  ADAPTER_NAMES,
  closeHosts,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

afterEach(() => jest.restoreAllMocks());

/** Never responds. */
@Controller('waiting')
class WaitingController {
  @Get()
  wait(): Promise<void> {
    return new Promise(() => {});
  }
}

/** The client's end of a connection, which reads everything until `isStuck` is set. */
class Connection extends Duplex {
  received = '';
  isStuck = false;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received += String(chunk);
    if (!this.isStuck) done();
  }

  get(path: string): void {
    this.push(`GET ${path} HTTP/1.1\r\nHost: test\r\nX-Account: 1\r\n\r\n`);
  }
}

describe.each(ADAPTER_NAMES)('An export on %s', (adapter) => {
  afterEach(closeHosts);

  /** A host in which one export of an account may run, and a connection to it. */
  async function start() {
    const reports: ExportReport[] = [];
    const responses: ServerResponse[] = [];
    const onExportEnd = (report: ExportReport) => void reports.push(report);
    const options = { ...HEADER_OPTIONS, maxPerAccount: 1, onExportEnd };
    const { app } = await startHost([memory(), CallsExportModule.forRoot(options)], {
      adapter,
      controllers: [WaitingController],
      configure: (host) =>
        host
          .getHttpServer()
          .on('request', (_request: unknown, response: ServerResponse) => responses.push(response)),
    });
    const service = app.get(CallsExportService, { strict: false });
    const client = new Connection();
    client.on('error', () => {});
    app.getHttpServer().emit('connection', client);
    const ended = async () => {
      await until(() => reports.length > 0 && service.load.running === 0, 10_000);
      return reports.map(({ outcome, rows }) => [outcome, rows]);
    };
    return { client, responses, ended };
  }

  it('completes when the client has received all of it', async () => {
    const { client, ended } = await start();
    client.get('/calls/export');
    expect(await ended()).toEqual([['completed', 1]]);
    expect(client.received).toContain('"CA of 1"');
    client.destroy();
  });

  it('is aborted if the client disconnects before it has received the last write', async () => {
    const { client, responses, ended } = await start();
    client.isStuck = true;
    client.get('/calls/export');
    await until(() => responses[0]?.writableEnded === true, 10_000);
    client.destroy();
    // All of the file had been read.
    expect(await ended()).toEqual([['aborted', 1]]);
  });

  it('is aborted if the client disconnects while the response waits behind another one', async () => {
    const { client, responses, ended } = await start();
    client.get('/waiting');
    client.get('/calls/export');
    await until(() => responses[1]?.headersSent === true, 10_000);
    expect(client.received).toBe('');
    client.destroy();
    expect(await ended()).toEqual([['aborted', expect.any(Number)]]);
  });
});

/** A response, without the headers that change with the time or the connection. */
async function responseOf(url: string, method: string, headers: Record<string, string>) {
  const response = await fetch(url, { method, headers });
  const body = await response.text();
  const all = Object.fromEntries(response.headers);
  const changing = ['date', 'connection', 'keep-alive'];
  const stable = Object.entries(all).filter(([name]) => !changing.includes(name));
  return { status: response.status, headers: Object.fromEntries(stable), body };
}

describe.each(ADAPTER_NAMES)('HEAD on %s', (adapter) => {
  let url: string;
  let service: CallsExportService;
  beforeAll(async () => {
    const options = { ...HEADER_OPTIONS, maxPerAccount: 1 };
    const host = await startHost([memory(), CallsExportModule.forRoot(options)], { adapter });
    url = `${host.url}/calls/export`;
    service = host.app.get(CallsExportService, { strict: false });
  });
  afterAll(closeHosts);

  const busy = 'exports are already running';
  const failing = new Error('no such table: calls');
  const unavailable = 'The database is unavailable. Try again soon.';

  it.each<[what: string, status: number, error: Error, sentence: string]>([
    ['an account of another type', 403, new InvalidAccountError('an integer'), 'an integer'],
    [
      'a deleted call in after',
      400,
      new InvalidAfterError('unknown'),
      'after must be the id of an existing call',
    ],
    [
      'a call without a start in after',
      400,
      new InvalidAfterError('not started'),
      'that has started',
    ],
    ['a busy account', 429, new TooManyExportsError('account', 4), busy],
    [
      'a busy process',
      503,
      new TooManyExportsError('process', 32),
      '32 exports are already running',
    ],
    ['a database that is down', 503, new DatabaseUnavailableError(failing), unavailable],
    ['a database that is slow', 503, new DatabaseUnavailableError(failing, true), 'in time'],
    [
      'an app that is stopping',
      503,
      new ExportStoppedError('the app ends'),
      'The server is shutting down',
    ],
    ['a call that cannot be exported', 500, new UnexportableCallError('7', 'status'), 'Call 7'],
    ['an unknown error of the database', 500, failing, 'Internal server error'],
  ])('is refused like GET for %s', async (_, status, error, sentence) => {
    for (const method of ['export', 'count'] as const)
      jest.spyOn(service, method).mockRejectedValue(error);
    const get = await responseOf(url, 'GET', ACCOUNT_1);
    expect([get.status, get.body]).toEqual([status, expect.stringContaining(sentence)]);
    expect(await responseOf(url, 'HEAD', ACCOUNT_1)).toEqual({ ...get, body: '' });
    const isTemporary = error instanceof TooManyExportsError || sentence === unavailable;
    if (isTemporary) expect(get.headers['retry-after']).toBe('5');
  });

  it.each<[what: string, status: number, query: string, account: string]>([
    ['an invalid parameter', 400, '?format=xml', '1'],
    ['several invalid parameters', 400, '?format=xml&status=done', '1'],
    ['an unknown call in after', 400, '?after=99', '1'],
    ['an invalid account', 403, '', '0'],
  ])('is refused like GET for %s', async (_, status, query, account) => {
    const headers = { 'x-account': account };
    const get = await responseOf(`${url}${query}`, 'GET', headers);
    expect(get.status).toBe(status);
    expect(JSON.parse(get.body).statusCode).toBe(status);
    expect(await responseOf(`${url}${query}`, 'HEAD', headers)).toEqual({ ...get, body: '' });
  });

  it('is refused like GET while the account is at its limit, and uses the slot that becomes free', async () => {
    const running = await service.export(1);
    const get = await responseOf(url, 'GET', ACCOUNT_1);
    expect(get.status).toBe(429);
    expect(await responseOf(url, 'HEAD', ACCOUNT_1)).toEqual({ ...get, body: '' });
    running.destroy();
    await once(running, 'close');
    expect((await responseOf(url, 'HEAD', ACCOUNT_1)).status).toBe(200);
    expect(service.load.running).toBe(0);
  });
});
