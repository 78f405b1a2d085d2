// @slow
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { LARGE_EXPORT } from './download';
import { LISTENING, Program, SMALL_HEAP } from './program';
import { bearer, EXPORT_PATH, SECRET } from './start-api';

const MANY = 10_000;
const AUTHORIZATION = bearer(1)['authorization'];

afterAll(() => Program.killAll());

describeEachDatabase(
  'A client that pipelines',
  dataSourceOptions,
  (database) => {
    let program: Program;
    let url: string;
    let socket: Socket;

    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, LARGE_EXPORT);
      const environment = { PORT: '0', JWT_SECRET: SECRET, DATABASE_URL: database.url };
      const limits = { EXPORT_MAX_PER_ACCOUNT: '1', RATE_LIMIT_PER_ACCOUNT: '1000000' };
      const settings = { ...environment, ...limits, METRICS: 'true' };
      program = new Program('main', settings, tmpdir(), [], SMALL_HEAP);
      url = await program.printed(LISTENING);
    }, TIMEOUT_MS);
    afterAll(async () => {
      expect(await program.stop()).toBe(0);
      expect(program.output).not.toMatch(/Reset \d+ connection/);
    }, TIMEOUT_MS);
    beforeEach(async () => {
      await until(async () => (await metric('calls_exports_running')) === 0, TIMEOUT_MS);
      socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
      await once(socket, 'connect');
    });
    afterEach(() => socket.destroy());

    const request = (path: string, id: number) =>
      `GET ${path} HTTP/1.1\r\nHost: api\r\nAuthorization: ${AUTHORIZATION}\r\nX-Request-Id: ${id}\r\n\r\n`;

    /** Reads until this many responses have started, and returns their ids and statuses. */
    async function responses(count: number): Promise<[id: number, status: number][]> {
      const found: [number, number][] = [];
      let rest = '';
      for await (const chunk of socket.setEncoding('latin1')) {
        rest += chunk;
        const heads = /HTTP\/1\.1 (\d+) [^]*?X-Request-Id: (\d+)\r\n/g;
        let end = 0;
        for (let head = heads.exec(rest); head; head = heads.exec(rest)) {
          found.push([Number(head[2]), Number(head[1])]);
          end = heads.lastIndex;
        }
        rest = rest.slice(Math.max(end, rest.length - 1_000));
        if (found.length === count) break;
      }
      return found;
    }

    /** The sum of a metric's values. */
    const metric = async (name: string) => {
      const text = await (
        await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
      ).text();
      const values = [...text.matchAll(new RegExp(`^${name}(?:{.*})? (.*)$`, 'gm'))];
      return values.reduce((sum, [, value]) => sum + Number(value), 0);
    };
    const inOrder = (count: number) => Array.from({ length: count }, (_, id) => [id, 200]);

    it.each(['/health/live', '/health/ready'])(
      `gets ${MANY} responses from %s in order, without much memory`,
      async (path) => {
        const before = await metric('process_resident_memory_bytes');
        socket.write(Array.from({ length: MANY }, (_, id) => request(path, id)).join(''));
        let isDone = false;
        const done = responses(MANY).finally(() => (isDone = true));
        let highest = 0;
        await until(async () => {
          highest = Math.max(highest, await metric('process_resident_memory_bytes'));
          return isDone;
        }, TIMEOUT_MS);
        expect(await done).toEqual(inOrder(MANY));
        expect((highest - before) / 1e6).toBeLessThan(100);
      },
      TIMEOUT_MS,
    );

    it(
      'has its requests handled one at a time',
      async () => {
        // A second concurrent export of the account would be refused.
        socket.write(
          Array.from({ length: 5 }, (_, id) => request(`${EXPORT_PATH}?format=json`, id)).join(''),
        );
        expect(await responses(5)).toEqual(inOrder(5));
      },
      TIMEOUT_MS,
    );

    it(
      'frees its slot when it disconnects, and its remaining requests are dropped',
      async () => {
        const before = await metric('calls_exports_total');
        socket.write(
          Array.from({ length: 1_000 }, (_, id) => request(`${EXPORT_PATH}?format=json`, id)).join(
            '',
          ),
        );
        await once(socket, 'readable');
        expect(await metric('calls_exports_running')).toBe(1);
        socket.destroy();
        await until(async () => (await metric('calls_exports_running')) === 0, TIMEOUT_MS);
        expect(await metric('calls_exports_total')).toBe(before + 1);
        const next = await fetch(`${url}${EXPORT_PATH}?status=queued`, { headers: bearer(1) });
        await next.text();
        expect(next.status).toBe(200);
      },
      TIMEOUT_MS,
    );
  },
  ['embedded PostgreSQL'],
);
