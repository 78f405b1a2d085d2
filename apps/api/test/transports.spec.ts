// @needs PostgreSQL server
import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, rawResponse, TIMEOUT_MS, until } from '@calls/testing';
import { Call } from 'nestjs-calls-export';
import { dataSourceOptions } from '../src/data-source-options';
import { Curl, type CurlResult, RECEIVE_ERROR } from './curl';
import {
  ADAPTERS,
  type AdapterName,
  type HttpHost,
  type HostParts,
  startHttpHost,
  type TransportName,
  TRANSPORTS,
} from './http-host';

/** Even compressed, more than the buffers of the sockets and pipes hold. */
const CALLS = 300_000;
/** curl's exit status "Stream error in the HTTP/2 framing layer". */
const STREAM_ERROR = 92;

// A download takes seconds, and longer if compressed.
jest.setTimeout(TIMEOUT_MS);

const isHttp2 = (transport: TransportName) => transport.includes('HTTP/2');

describeEachDatabase(
  'An export response',
  dataSourceOptions,
  (database) => {
    let sha256: string;
    let bytes: number;
    let directory: string;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'transports-spec-'));
      await seedCalls(database.dataSource, 1, CALLS);
    }, TIMEOUT_MS);
    afterAll(() => rmSync(directory, { recursive: true }));

    const curl = ({ url, authorization, curl: args }: HttpHost, ...more: string[]) =>
      new Curl(url, authorization, [...args, ...more]);

    describe.each(Object.keys(TRANSPORTS) as TransportName[])('by %s', (transport) => {
      let host: HttpHost;
      afterEach(() => host.close());

      const abortCode = isHttp2(transport) ? STREAM_ERROR : RECEIVE_ERROR;

      async function expectAborted({ exitCode, bytes: got }: CurlResult): Promise<void> {
        expect(exitCode).toBe(abortCode);
        expect(got).toBeGreaterThan(0);
        expect(got).toBeLessThan(bytes);
      }

      /** The log line of the export, once that has freed its slot. */
      async function lineOf(): Promise<unknown> {
        await until(() => host.log.length > 0 && host.service.load.running === 0, TIMEOUT_MS);
        return host.log[0];
      }

      it('is complete if nothing fails', async () => {
        host = await startHttpHost(transport, database, {});
        const complete = await curl(host).finish();
        expect(complete.exitCode).toBe(0);
        expect(complete.bytes).toBeGreaterThan(100 * CALLS);
        sha256 ??= complete.sha256;
        bytes ??= complete.bytes;
        expect(complete.sha256).toBe(sha256);
        expect((await curl(host, '--compressed').finish()).sha256).toBe(sha256);
        expect(host.log).toEqual([]);
        expect(host.service.load.running).toBe(0);
      });

      /** Makes curl request trailers, and save them with the headers. */
      const requestTrailers = () => ['-H', 'TE: trailers', '--dump-header', dumped()];
      const dumped = () => join(directory, 'headers.txt');
      const received = () => readFileSync(dumped(), 'latin1').toLowerCase().split('\r\n\r\n');

      it.each([['plain'], ['--compressed']])(
        'has the digest of the file in its trailers (%s)',
        async (how) => {
          host = await startHttpHost(transport, database, {});
          const busy = { ...host, url: `${host.url}?status=busy` };
          const more = [...requestTrailers(), ...(how === 'plain' ? [] : [how])];
          const { exitCode, sha256: digest } = await curl(busy, ...more).finish();
          expect(exitCode).toBe(0);
          const [head, trailers] = received();
          expect(head).toMatch(/^trailer: x-export-rows, unencoded-digest\r?$/m);
          const base64 = Buffer.from(digest, 'hex').toString('base64').toLowerCase();
          expect(trailers?.trim().split('\r\n')).toEqual([
            `x-export-rows: ${await database.dataSource.getRepository(Call).countBy({ status: 'busy' })}`,
            `unencoded-digest: sha-256=:${base64}:`,
          ]);
        },
      );

      it.each([['plain'], ['--compressed']])('is aborted if the export fails (%s)', async (how) => {
        host = await startHttpHost(transport, database, {});
        const more = how === 'plain' ? [] : [how];
        const running = await curl(host, ...requestTrailers(), ...more).begin();
        host.service.stopAll('the test has had enough');
        await expectAborted(await running.finish());
        expect(received().slice(1)).toEqual(['']);
        expect(await lineOf()).toMatchObject({
          export: 'failed',
          reason: 'the test has had enough',
        });
      });

      it('is aborted if the client reads nothing', async () => {
        host = await startHttpHost(transport, database, { idleTimeout: 1 });
        const running = await curl(host).begin();
        const line = await lineOf();
        await expectAborted(await running.finish());
        expect(line).toMatchObject({
          export: 'failed',
          reason: 'the client has read nothing for 1 seconds',
        });
      });

      it('is aborted if the client takes too long', async () => {
        host = await startHttpHost(transport, database, { maxDuration: 1 });
        const running = await curl(host, '--limit-rate', '8M').begin();
        await expectAborted(await running.finish());
        expect(await lineOf()).toMatchObject({
          export: 'failed',
          reason: 'the export has taken longer than 1 seconds',
        });
      });

      it.each<[string, (response: ServerResponse) => void]>([
        ['end', (response) => response.end()],
        ['end with a body', (response) => response.end('{"statusCode":500}')],
        ['destroy', (response) => response.destroy()],
      ])('is aborted if something else in the app calls %s', async (_, interfere) => {
        let response: ServerResponse | undefined;
        const middleware: HostParts['middleware'] = (_request, given) => (response = given);
        host = await startHttpHost(transport, database, {}, { middleware });
        const running = await curl(host).begin();
        interfere(response as ServerResponse);
        await expectAborted(await running.finish());
        expect(await lineOf()).toMatchObject({
          export: 'failed',
          reason: 'something else in the app ended the response before the end of the file',
        });
      });

      it('does not look complete if the app is closed', async () => {
        host = await startHttpHost(transport, database, {}, { forceClose: true });
        const running = await curl(host).begin();
        const closed = host.close();
        const { exitCode } = await running.finish();
        expect(exitCode).not.toBe(0);
        await closed;
      });

      it('is logged as aborted if the client disconnects', async () => {
        const onExportEnd = jest.fn();
        host = await startHttpHost(transport, database, { onExportEnd });
        const running = await curl(host).begin();
        running.kill();
        await until(() => onExportEnd.mock.calls.length > 0, TIMEOUT_MS);
        expect(onExportEnd.mock.calls).toEqual([[expect.objectContaining({ outcome: 'aborted' })]]);
        await until(() => host.service.load.running === 0, TIMEOUT_MS);
      });
    });

    describe.each(Object.keys(ADAPTERS) as AdapterName[])('under %s over HTTP/1.0', (adapter) => {
      let host: HttpHost;
      afterEach(() => host.close());

      it.each(['GET', 'HEAD'])('is a 426 that says what to do (%s)', async (method) => {
        host = await startHttpHost(adapter, database, {});
        const response = await raw(host, `${method} /calls/export HTTP/1.0`);
        expect(response).toMatch(/^HTTP\/1\.[01] 426 Upgrade Required\r\n/);
        expect(response).toMatch(/\r\nUpgrade: HTTP\/1\.1\r\n/i);
        if (method === 'GET') expect(response).toContain('proxy_http_version 1.1');
        expect(host.service.load.running).toBe(0);
      });

      it('is aborted if HTTP/1.0 is accepted and the client closes its side', async () => {
        const onExportEnd = jest.fn();
        host = await startHttpHost(adapter, database, { acceptHttp10: true, onExportEnd });
        const { port } = new URL(host.url);
        const socket = connect(Number(port), '127.0.0.1');
        socket.write(`GET /calls/export HTTP/1.0\r\nAuthorization: ${host.authorization}\r\n\r\n`);
        await once(socket, 'readable');
        socket.end();
        const [error] = await Promise.all([
          once(socket, 'error').then(([reason]) => reason as NodeJS.ErrnoException),
          socket.resume(),
        ]);
        expect(error.code).toBe('ECONNRESET');
        await until(() => onExportEnd.mock.calls.length > 0, TIMEOUT_MS);
        expect(onExportEnd.mock.calls[0]).toEqual([
          expect.objectContaining({ outcome: 'aborted' }),
        ]);
      });

      it.each([
        ['bytes=1000-', 412],
        ['bytes=1-2', 412],
        ['bytes=-500', 412],
        ['bytes=0-5,10-', 412],
        ['bytes=0-', 200],
        ['bytes=0-99', 200],
        [' bytes = 0-', 200],
      ])('cannot be resumed: Range %s gets a %i', async (range, status) => {
        host = await startHttpHost(adapter, database, {});
        const response = await fetch(`${host.url}?date_to=2000-01-01`, {
          headers: { authorization: host.authorization, range },
        });
        expect(response.status).toBe(status);
        const body = await response.text();
        if (status === 412) expect(JSON.parse(body).message).toMatch(/Range is not supported/);
        // With If-Range, a client asks for the complete file instead.
        const headers = { authorization: host.authorization, range, 'if-range': '"an-etag"' };
        expect((await fetch(`${host.url}?date_to=2000-01-01`, { headers })).status).toBe(200);
      });
    });

    async function raw({ url, authorization }: HttpHost, requestLine: string): Promise<string> {
      const request = `${requestLine}\r\nAuthorization: ${authorization}\r\n\r\n`;
      return (await rawResponse(Number(new URL(url).port), request)).toString();
    }
  },
  ['PostgreSQL server'],
);
