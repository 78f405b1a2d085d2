// @slow
import { once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import { until } from '@calls/testing';
import { watchClient } from '../src/lib/http/client-watch';
import {
  afterTest,
  listen,
  NAMES,
  portOf,
  readFast,
  readSlowly,
  send,
  start,
  TIMEOUT_MS,
  type Transport,
  TRANSPORTS,
} from './watched-responses';

describe('watchClient reports a client that reads nothing', () => {
  const cases = NAMES.flatMap((name) => [
    { name, path: '/' },
    { name, path: '/gzip' },
  ]);

  it(
    'after the timeout',
    async () => {
      await Promise.all(
        cases.map(async ({ name, path }) => {
          const { watched } = await start(name, 1, path);
          await watched.idle;
          const { idleAfter = 0 } = watched;
          expect([name, path, idleAfter >= 1]).toEqual([name, path, true]);
        }),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'after it has read fast, but not before it stops',
    async () => {
      await Promise.all(
        NAMES.map(async (name) => {
          const { watched, client } = await start(name, 1);
          await readFast(client, 10_000_000);
          expect([name, watched.idleAfter]).toEqual([name, undefined]);
          await watched.idle;
        }),
      );
    },
    TIMEOUT_MS,
  );

  it('on one stream of an HTTP/2 connection, while another stream flows and pings are answered', async () => {
    const idle: string[] = [];
    const server = http2.createServer(({ url }, response) => {
      send(url, response);
      watchClient(response, 0.5, () => idle.push(url));
    });
    const sockets = await listen(server);
    const session = http2.connect(`http://127.0.0.1:${portOf(server)}`);
    session.on('error', () => {});
    const stalled = session.request({ ':path': '/stalled' });
    const flowing = session.request({ ':path': '/flowing' });
    for (const stream of [stalled, flowing]) stream.on('error', () => {});
    const pings = setInterval(() => session.ping(() => {}), 20);
    afterTest(() => {
      clearInterval(pings);
      [stalled, flowing].forEach((stream) => stream.destroy());
      session.destroy();
      sockets.forEach((socket) => socket.destroy());
      server.close();
    });
    const bytesRead = readSlowly(flowing, 10_000_000);
    // Three timeouts long.
    await until(() => bytesRead() >= 15_000_000, TIMEOUT_MS);
    expect(idle).toEqual(['/stalled']);
  });
});

describe('watchClient does not report', () => {
  // The kernel and HTTP/2 count bytes, not seconds. A client that reads 250 times as much in a 250th of the
  // time looks the same: 200 bytes a second with a timeout of 900 s are 50,000 with one of 3.6 s, and 10.8 s
  // are 45 minutes.
  it(
    'a client that reads 200 bytes a second from the start, or 1,000 after it has read fast',
    async () => {
      const seconds = 10.8;
      const clients = NAMES.flatMap((name) =>
        ['/', '/gzip'].flatMap((path) => [
          (async () => {
            const { watched, client } = await start(name, 3.6, path);
            const bytesRead = readSlowly(client, 50_000);
            return {
              what: `${name} ${path}`,
              watched,
              isDone: () => bytesRead() >= 50_000 * seconds,
            };
          })(),
          (async () => {
            const { watched, client } = await start(name, 3.6, path);
            await readFast(client, 10_000_000);
            const bytesRead = readSlowly(client, 250_000);
            const what = `${name} ${path} after it has read fast`;
            return { what, watched, isDone: () => bytesRead() >= 250_000 * seconds };
          })(),
        ]),
      );
      const started = await Promise.all(clients);
      const isIdle = ({ watched }: (typeof started)[number]) => watched.idleAfter !== undefined;
      await until(() => started.every((each) => each.isDone() || isIdle(each)), TIMEOUT_MS);
      expect(started.filter(isIdle).map(({ what }) => what)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('a client for which no data is waiting', async () => {
    const idle: string[] = [];
    for (const name of NAMES) {
      const { serve, open } = TRANSPORTS[name] as Transport;
      const server = serve((_request, response) => {
        (response as http.ServerResponse).write('the database is slow');
        watchClient(response, 0.2, () => idle.push(name));
      });
      const sockets = await listen(server);
      const client = open(portOf(server), '/').on('error', () => {});
      afterTest(() => {
        client.destroy();
        sockets.forEach((socket) => socket.destroy());
        server.close();
      });
      await once(client, 'readable');
    }
    // This client reads nothing, and is reported after five times the timeout of the others.
    const { watched } = await start('HTTP/1.1', 1);
    await watched.idle;
    expect(idle).toEqual([]);
  });
});
