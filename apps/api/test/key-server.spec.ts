// @slow
import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describeEachDatabase } from '@calls/testing';
import { sign } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import { KeyServer, passTime } from './key-server';
import { type Api, startApi } from './start-api';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const REQUESTS = 50;
/** More than the sockets between the two ends hold, and what is taken of an answer. */
const SENT_MB = 50;

function tokenOf(kid: string): string {
  // Longer than the clock of the tests is put forward.
  return sign({ account_id: 1 }, privateKey, { algorithm: 'ES256', keyid: kid, expiresIn: 86_400 });
}

/** How many bytes the last `sendForever` has sent. */
let sent = 0;

/** Sends without end, as fast as it is read. */
function sendForever(response: ServerResponse): void {
  const chunk = ' '.repeat(65_536);
  sent = 0;
  const send = () => {
    while (!response.destroyed) {
      sent += chunk.length;
      if (!response.write(chunk)) break;
    }
  };
  response.on('drain', send);
  send();
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
}

const FAILURES: [string, (response: ServerResponse) => void][] = [
  ['resets', (response) => response.socket?.resetAndDestroy()],
  ['answers 500', (response) => response.writeHead(500).end('{"keys":[]}')],
  ['redirects', (response) => response.writeHead(302, { location: '/keys.json' }).end()],
  ['sends no JSON', (response) => response.end('<html>')],
  ['sends null', (response) => response.end('null')],
  ['sends no key set', (response) => response.end('{"keys":{}}')],
  [
    'sends too many keys',
    (response) => response.end(JSON.stringify({ keys: Array(101).fill({}) })),
  ],
  ['sends without end', sendForever],
  ['breaks off', (response) => void response.write('{"keys":[', () => response.destroy())],
];

describeEachDatabase(
  'The key server',
  dataSourceOptions,
  (database) => {
    let server: KeyServer;
    let api: Api;
    beforeEach(async () => {
      server = await KeyServer.start();
      server.keys = [{ kid: 'known', key: publicKey }];
      api = await startApi(database.url, { JWT_SECRET: undefined, JWT_JWKS_URI: server.uri });
    });
    afterEach(async () => {
      jest.restoreAllMocks();
      await api.close();
      await server.stop();
    });

    const statusOf = async (kid: string) =>
      (await api.export('', { authorization: `Bearer ${tokenOf(kid)}` })).status;
    /** The statuses of requests with made-up keys, sent at once and one after the other. */
    async function madeUp(count: number): Promise<number[]> {
      const half = Array.from({ length: count / 2 }, (_, index) => index);
      const statuses = await Promise.all(half.map((index) => statusOf(`made-up-${index}`)));
      for (const index of half) statuses.push(await statusOf(`more-${index}`));
      return [...new Set(statuses)];
    }

    it.each(FAILURES)(
      'is asked once for many tokens where it %s, and again soon',
      async (_, fail) => {
        server.answer = (_request, response) => fail(response);
        expect(await madeUp(REQUESTS)).toEqual([503]);
        expect(server.requests).toBe(1);
        if (fail === sendForever) expect(sent).toBeGreaterThan(0);
        expect(sent).toBeLessThan(SENT_MB * 1e6);
        server.answer = undefined;
        passTime(6);
        expect(await statusOf('known')).toBe(200);
        expect(server.requests).toBe(2);
      },
    );

    it.each([
      ['does not answer', () => {}],
      ['drips', drip],
    ])(
      'is given up after 5 seconds where it %s, by all requests together',
      async (_, answer) => {
        server.answer = (_request, response) => answer(response);
        const start = performance.now();
        const statuses = await Promise.all(
          [...Array(10).keys()].map((key) => statusOf(`key-${key}`)),
        );
        expect([...new Set(statuses)]).toEqual([503]);
        // Not one after the other.
        expect(performance.now() - start).toBeLessThan(20_000);
        expect([await statusOf('known'), server.requests]).toEqual([503, 1]);
      },
      60_000,
    );

    it('is asked once in 30 seconds for made-up keys while it works', async () => {
      expect(await madeUp(REQUESTS)).toEqual([401]);
      expect(await statusOf('known')).toBe(200);
      expect(server.requests).toBe(1);
      passTime(29);
      expect([await statusOf('new'), server.requests]).toEqual([401, 1]);
      server.keys.push({ kid: 'new', key: publicKey });
      passTime(31);
      expect([await statusOf('new'), server.requests]).toEqual([200, 2]);
    });

    it('has its keys used for an hour while it fails, and withdraws one within ten minutes', async () => {
      expect(await statusOf('known')).toBe(200);
      server.answer = (_, response) => response.writeHead(500).end();
      passTime(9 * 60);
      expect([await statusOf('known'), server.requests]).toEqual([200, 1]);
      passTime(11 * 60);
      expect([await statusOf('known'), server.requests]).toEqual([200, 2]);
      expect([await statusOf('unknown'), server.requests]).toEqual([503, 2]);
      passTime(59 * 60);
      expect(await statusOf('known')).toBe(200);
      passTime(61 * 60);
      expect(await statusOf('known')).toBe(503);
      server.answer = undefined;
      passTime(62 * 60);
      expect(await statusOf('known')).toBe(200);
      server.keys = [];
      passTime(71 * 60);
      expect(await statusOf('known')).toBe(200);
      passTime(73 * 60);
      expect(await statusOf('known')).toBe(401);
    });

    it('is asked again where the clock was put back', async () => {
      passTime(3600);
      expect(await statusOf('known')).toBe(200);
      server.keys = [{ kid: 'new', key: publicKey }];
      passTime(0);
      expect(await statusOf('new')).toBe(200);
    });
  },
  ['embedded PostgreSQL'],
);
