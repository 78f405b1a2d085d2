// @slow
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { Curl, RECEIVE_ERROR } from './curl';
import { Download, LARGE_EXPORT } from './download';
import { LISTENING, Program } from './program';
import { bearer, SECRET } from './start-api';

/** Makes the program throw an uncaught error when it receives a message. */
const CRASH =
  'data:text/javascript,process.once("message",()=>{throw new Error("nobody catches this")})';

afterAll(() => Program.killAll());

describeEachDatabase('The API after a stop signal', dataSourceOptions, (database) => {
  beforeAll(() => seedCalls(database.dataSource, 1, LARGE_EXPORT), TIMEOUT_MS);

  async function start(settings: NodeJS.ProcessEnv) {
    const environment = {
      PORT: '0',
      DATABASE_URL: database.url,
      JWT_SECRET: SECRET,
      ...settings,
    };
    const program = new Program('main', environment, tmpdir(), [], ['--import', CRASH]);
    const url = await program.printed(LISTENING);
    const running = await Download.open(`${url}/api/v1/calls/export?format=json`, bearer(1));
    return { program, url, running };
  }

  function exportLines({ output }: Program): object[] {
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line)).filter((line) => 'export' in line);
  }

  async function untilRefused(url: string): Promise<void> {
    const isRefused = () =>
      fetch(url).then(
        () => false,
        () => true,
      );
    await until(isRefused, TIMEOUT_MS);
  }

  it(
    'refuses connections, finishes running exports and exits with 0',
    async () => {
      const { program, url, running } = await start({});
      const exitCode = program.stop();
      await untilRefused(`${url}/health/live`);
      expect((await running.take()).lines).toBe(LARGE_EXPORT + 1);
      expect(await exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'does not close a connection whose last bytes are still being sent',
    async () => {
      const { program, running } = await start({});
      const exitCode = program.stop();
      // So slowly that the last page is still buffered in the process when the response has ended.
      expect((await running.take(4_000_000)).lines).toBe(LARGE_EXPORT + 1);
      expect(await exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );

  it.each<NodeJS.Signals>(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'])(
    'aborts running exports after a second %s, and logs each of them',
    async (signal) => {
      const { program, url, running } = await start({ NODE_ENV: 'production' });
      program.child.kill(signal);
      await untilRefused(`${url}/health/live`);
      program.child.kill(signal);
      await expect(running.take(4_000_000)).rejects.toThrow('aborted');
      expect(await program.exitCode()).toBe(0);
      expect(exportLines(program)).toEqual([
        expect.objectContaining({
          export: 'failed',
          reason: 'the process received a second stop signal',
          account: 1,
        }),
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'resets its connections if an uncaught error ends it',
    async () => {
      const { program, url } = await start({ EXPORT_HTTP_1_0: 'true' });
      const curl = await new Curl(
        `${url}/api/v1/calls/export?format=json`,
        bearer(1).authorization as string,
        ['--http1.0'],
      ).begin();
      program.child.send('crash');
      expect((await curl.finish()).exitCode).toBe(RECEIVE_ERROR);
      expect(await program.exitCode()).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'reports on an open connection that it is no longer ready',
    async () => {
      const { program, url, running } = await start({});
      running.abort();
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
      const ask = (path: string, headers: string) =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: api\r\n${headers}\r\n\r\n`);
      ask('/api/v1/calls/export?format=json', `Authorization: ${bearer(1).authorization}`);
      await once(socket, 'readable');
      const exitCode = program.stop();
      await untilRefused(`${url}/health/live`);
      ask('/health/ready', 'Connection: close');
      const [, second] = (await text(socket)).split('\n]\r\n0\r\n\r\n');
      expect(second).toMatch(/^HTTP\/1.1 503 [^]*"status":"shutting_down"/);
      expect(await exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'resets unfinished exports after SHUTDOWN_GRACE, and exits with 0',
    async () => {
      const { program, running } = await start({ SHUTDOWN_GRACE: '1', NODE_ENV: 'production' });
      expect(await program.stop()).toBe(0);
      await expect(running.take()).rejects.toThrow('aborted');
      expect(exportLines(program)).toEqual([
        expect.objectContaining({
          export: 'failed',
          reason: 'SHUTDOWN_GRACE (1 s) expired',
          account: 1,
        }),
      ]);
      expect(program.output).toMatch(/Reset 1 connection: SHUTDOWN_GRACE \(1 s\) expired/);
    },
    TIMEOUT_MS,
  );
});
