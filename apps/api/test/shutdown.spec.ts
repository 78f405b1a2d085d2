// @slow
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { Curl, RECEIVE_ERROR } from './curl';
import { Download } from './download';
import { LISTENING, Program } from './program';
import { bearer, SECRET } from './start-api';

/** As JSON, more than the sockets between the two ends hold. */
const CALLS = 60_000;
const TIMEOUT_MS = 60_000;
/** Has the program throw what nobody catches when it is told to. */
const CRASH =
  'data:text/javascript,process.once("message",()=>{throw new Error("nobody catches this")})';

afterAll(() => Program.killAll());

describeEachDatabase('The API that is told to stop', dataSourceOptions, (database) => {
  beforeAll(() => seedCalls(database.dataSource, 1, CALLS), TIMEOUT_MS);

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
    while (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      await sleep(10);
  }

  it(
    'accepts nothing more, finishes what runs, and exits with 0',
    async () => {
      const { program, url, running } = await start({});
      const exitCode = program.stop();
      await untilRefused(`${url}/health/live`);
      expect((await running.take()).lines).toBe(CALLS + 1);
      expect(await exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'closes no connection whose response has ended but is still on its way',
    async () => {
      const { program, running } = await start({});
      const exitCode = program.stop();
      // So slowly that the last page waits in the process when the response has ended.
      expect((await running.take(4_000_000)).lines).toBe(CALLS + 1);
      expect(await exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );

  it.each<NodeJS.Signals>(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'])(
    'cuts off what runs when it is told so again (%s), and says so of each export',
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
          reason: 'the process was told again to stop',
          account: 1,
        }),
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    'resets its connections where an error ends it that nobody has caught',
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
    'is not ready any more, as a connection that is still open is told',
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
    'resets what is not finished when the grace is over, and exits with 0',
    async () => {
      const { program, running } = await start({ SHUTDOWN_GRACE: '1', NODE_ENV: 'production' });
      expect(await program.stop()).toBe(0);
      await expect(running.take()).rejects.toThrow('aborted');
      expect(exportLines(program)).toEqual([
        expect.objectContaining({
          export: 'failed',
          reason: 'SHUTDOWN_GRACE (1 s) is over',
          account: 1,
        }),
      ]);
      expect(program.output).toMatch(
        /1 connections were reset, since SHUTDOWN_GRACE \(1 s\) is over/,
      );
    },
    TIMEOUT_MS,
  );
});
