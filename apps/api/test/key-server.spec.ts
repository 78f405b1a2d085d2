// @slow
import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describeEachDatabase } from '@calls/testing';
import { sign } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import { KeyServer, setClockAhead } from './key-server';
import { type Api, startApi, withToken } from './start-api';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const REQUESTS = 50;
/** More than the socket buffers and the size limit of a key set. */
const SENT_MB = 50;

function tokenOf(kid: string): string {
  // Longer than the tests advance the clock.
  return sign({ account_id: 1 }, privateKey, { algorithm: 'ES256', keyid: kid, expiresIn: 86_400 });
}

/** Bytes sent by the last `sendForever`. */
let sent = 0;

/** Sends endlessly, as fast as the client reads. */
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
  ['resets the connection', (response) => response.socket?.resetAndDestroy()],
  ['returns 500', (response) => response.writeHead(500).end('{"keys":[]}')],
  ['redirects', (response) => response.writeHead(302, { location: '/keys.json' }).end()],
  ['sends invalid JSON', (response) => response.end('<html>')],
  ['sends null', (response) => response.end('null')],
  ['sends an invalid key set', (response) => response.end('{"keys":{}}')],
  [
    'sends too many keys',
    (response) => response.end(JSON.stringify({ keys: Array(101).fill({}) })),
  ],
  ['sends endlessly', sendForever],
  ['aborts the response', (response) => void response.write('{"keys":[', () => response.destroy())],
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

    const statusOf = async (kid: string) => (await api.export('', withToken(tokenOf(kid)))).status;
    /** The statuses of requests with unknown key ids, half of them concurrent and half sequential. */
    async function sendUnknownKeys(count: number): Promise<number[]> {
      const half = Array.from({ length: count / 2 }, (_, index) => index);
      const statuses = await Promise.all(half.map((index) => statusOf(`unknown-${index}`)));
      for (const index of half) statuses.push(await statusOf(`more-${index}`));
      return [...new Set(statuses)];
    }

    it.each(FAILURES)(
      'gets one request for many tokens if it %s, and another one 6 seconds later',
      async (_, fail) => {
        server.respond = (_request, response) => fail(response);
        expect(await sendUnknownKeys(REQUESTS)).toEqual([503]);
        expect(server.requests).toBe(1);
        if (fail === sendForever) expect(sent).toBeGreaterThan(0);
        expect(sent).toBeLessThan(SENT_MB * 1e6);
        server.respond = undefined;
        setClockAhead(6);
        expect(await statusOf('known')).toBe(200);
        expect(server.requests).toBe(2);
      },
    );

    it.each([
      ['does not respond', () => {}],
      ['sends a byte at a time', drip],
    ])(
      'fails all waiting requests after 5 seconds if it %s',
      async (_, respond) => {
        server.respond = (_request, response) => respond(response);
        const start = performance.now();
        const statuses = await Promise.all(
          [...Array(10).keys()].map((key) => statusOf(`key-${key}`)),
        );
        expect([...new Set(statuses)]).toEqual([503]);
        // The requests wait together, not one after the other.
        expect(performance.now() - start).toBeLessThan(20_000);
        expect([await statusOf('known'), server.requests]).toEqual([503, 1]);
      },
      60_000,
    );

    it('gets one request in 30 seconds for unknown keys while it works', async () => {
      expect(await sendUnknownKeys(REQUESTS)).toEqual([401]);
      expect(await statusOf('known')).toBe(200);
      expect(server.requests).toBe(1);
      setClockAhead(29);
      expect([await statusOf('new'), server.requests]).toEqual([401, 1]);
      server.keys.push({ kid: 'new', key: publicKey });
      setClockAhead(31);
      expect([await statusOf('new'), server.requests]).toEqual([200, 2]);
    });

    it('has its keys cached for an hour if it fails, and for ten minutes if it works', async () => {
      expect(await statusOf('known')).toBe(200);
      server.respond = (_, response) => response.writeHead(500).end();
      setClockAhead(9 * 60);
      expect([await statusOf('known'), server.requests]).toEqual([200, 1]);
      setClockAhead(11 * 60);
      expect([await statusOf('known'), server.requests]).toEqual([200, 2]);
      expect([await statusOf('unknown'), server.requests]).toEqual([503, 2]);
      setClockAhead(59 * 60);
      expect(await statusOf('known')).toBe(200);
      setClockAhead(61 * 60);
      expect(await statusOf('known')).toBe(503);
      server.respond = undefined;
      setClockAhead(62 * 60);
      expect(await statusOf('known')).toBe(200);
      server.keys = [];
      setClockAhead(71 * 60);
      expect(await statusOf('known')).toBe(200);
      setClockAhead(73 * 60);
      expect(await statusOf('known')).toBe(401);
    });

    it('gets another request if the clock was set back', async () => {
      setClockAhead(3600);
      expect(await statusOf('known')).toBe(200);
      server.keys = [{ kid: 'new', key: publicKey }];
      setClockAhead(0);
      expect(await statusOf('new')).toBe(200);
    });
  },
  ['embedded PostgreSQL'],
);
