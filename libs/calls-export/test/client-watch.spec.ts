// @slow
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as tls from 'node:tls';
import { createGzip } from 'node:zlib';
import { until } from '@calls/testing';
import { inSlices, watchClient } from '../src/lib/http/client-watch';

/** The sizes of a real page and of a real piece of gzip; random bytes stay as many when compressed. */
const PAGE = randomBytes(450_000);
/** A pre-shared key: TLS without a certificate. */
const PSK = {
  key: Buffer.alloc(32, 1),
  ciphers: 'PSK-AES128-GCM-SHA256',
  maxVersion: 'TLSv1.2',
} as const;
const TLS_SERVER = { ...PSK, key: undefined, pskCallback: () => PSK.key };
const TLS_CLIENT = {
  ...TLS_SERVER,
  pskCallback: () => ({ psk: PSK.key, identity: 'test' }),
  checkServerIdentity: () => undefined,
};

const TIMEOUT_MS = 60_000;

type Response = http.ServerResponse | http2.Http2ServerResponse;
type Handler = (request: { url?: string }, response: Response) => void;

interface Transport {
  serve(handler: Handler): Server;
  /** @returns a stream that gives what the server sends only as it is read. */
  open(port: number, path: string): Duplex;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
const http2Request = (session: http2.ClientHttp2Session, path: string) => {
  session.on('error', () => {});
  const request = session.request({ ':path': path });
  request.once('close', () => session.destroy());
  return request;
};

const TRANSPORTS: Record<string, Transport> = {
  'HTTP/1.1': {
    serve: (handler) => http.createServer(handler),
    open(port, path) {
      const socket = connect(port, '127.0.0.1');
      socket.write(get(path));
      return socket;
    },
  },
  'HTTP/1.1 over TLS': {
    serve: (handler) => https.createServer(TLS_SERVER, handler),
    open(port, path) {
      const socket = tls.connect({ ...TLS_CLIENT, port, host: '127.0.0.1' });
      socket.write(get(path));
      return socket;
    },
  },
  'HTTP/2': {
    serve: (handler) => http2.createServer(handler),
    open: (port, path) => http2Request(http2.connect(`http://127.0.0.1:${port}`), path),
  },
  'HTTP/2 over TLS': {
    serve: (handler) => http2.createSecureServer(TLS_SERVER, handler),
    open: (port, path) =>
      http2Request(
        http2.connect(`https://127.0.0.1:${port}`, {
          createConnection: () =>
            tls.connect({ ...TLS_CLIENT, port, host: '127.0.0.1', ALPNProtocols: ['h2'] }),
        }),
        path,
      ),
  },
  // Windows this large leave it to TCP to hold the server up, as with curl and browsers.
  'HTTP/2 with a large window': {
    serve: (handler) => http2.createServer(handler),
    open(port, path) {
      const socket = connect(port, '127.0.0.1');
      const session = http2.connect('http://test', {
        createConnection: () => passedOn(socket),
        settings: { initialWindowSize: LARGE_WINDOW },
      });
      session.once('connect', () => session.setLocalWindowSize(LARGE_WINDOW));
      http2Request(session, path).resume();
      return socket;
    },
  },
};
const LARGE_WINDOW = 32 * 1024 * 1024;
const NAMES = Object.keys(TRANSPORTS);

/** A connection that gets from a socket what the test reads from it. */
function passedOn(socket: Socket): Duplex {
  const connection = new Duplex({
    read() {},
    write: (chunk, _encoding, done) => void socket.write(chunk, () => done()),
  });
  // Without a listener for `data`, which would make it flow.
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event === 'data') connection.push(args[0]);
    return emit(event, ...args);
  };
  socket.once('close', () => connection.destroy());
  return connection;
}

interface Watched {
  /** Seconds from the start of the response until the client was found idle. */
  idleAfter?: number;
  /** Resolves then. */
  readonly idle: Promise<unknown>;
}

const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

/** Serves an endless file that is watched, and asks for it. */
async function start(name: string, seconds: number, path = '/') {
  const found = new EventEmitter();
  const watched: Watched = { idle: once(found, 'idle') };
  const { serve, open } = TRANSPORTS[name] as Transport;
  const server = serve(({ url }, response) => {
    const begin = performance.now();
    send(url as string, response);
    watchClient(response, seconds, () => {
      watched.idleAfter = (performance.now() - begin) / 1000;
      found.emit('idle');
    });
  });
  const sockets = await listen(server);
  const client = open(portOf(server), path);
  client.on('error', () => {});
  cleanUps.push(() => {
    client.destroy();
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { watched, client };
}

function send(path: string, response: Response): void {
  const pages = new Readable({ highWaterMark: 0, read: () => pages.push(PAGE) });
  const file = path.includes('gzip') ? pages.pipe(createGzip({ level: 1 })) : pages;
  ('stream' in response ? inSlices(file) : file).pipe(response as http.ServerResponse);
  response.once('close', () => pages.destroy());
}

async function listen(server: Server): Promise<Set<Socket>> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return sockets;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** Takes so many bytes a second, in ten reads, and catches up after a standstill of the process. */
function takeSlowly(client: Duplex, bytesPerSecond: number): void {
  client.on('readable', () => {});
  const step = bytesPerSecond / 10;
  const start = performance.now();
  let taken = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - start) / 1000) * bytesPerSecond;
    while (taken + step <= due && client.read(step) !== null) taken += step;
  }, 100);
  client.once('close', () => clearInterval(timer));
  cleanUps.push(() => clearInterval(timer));
}

async function takeFast(client: Duplex, bytes: number): Promise<void> {
  let taken = 0;
  client.on('data', (data: Buffer) => (taken += data.length));
  while (taken < bytes) await once(client, 'data');
  client.removeAllListeners('data').pause();
}

describe('a client that takes nothing', () => {
  const cases = NAMES.flatMap((name) => [
    { name, path: '/' },
    { name, path: '/gzip' },
  ]);

  it(
    'is idle after a second',
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
    'is idle after it has been fast, and not before it has stopped',
    async () => {
      await Promise.all(
        NAMES.map(async (name) => {
          const { watched, client } = await start(name, 1);
          await takeFast(client, 10_000_000);
          expect([name, watched.idleAfter]).toEqual([name, undefined]);
          await watched.idle;
        }),
      );
    },
    TIMEOUT_MS,
  );
});

describe('a slow client', () => {
  // The kernel and HTTP/2 count bytes, not seconds. So a client that takes 250 times as much in a 250th of the time looks
  // the same: 200 bytes a second with a timeout of 900 seconds are 50,000 with one of 3.6, and 10.8 seconds are 45 minutes.
  it(
    'is not idle at 200 bytes a second from the start, nor at 1,000 after it has been fast',
    async () => {
      const clients = NAMES.flatMap((name) =>
        ['/', '/gzip'].flatMap((path) => [
          (async () => {
            const { watched, client } = await start(name, 3.6, path);
            takeSlowly(client, 50_000);
            return { what: `${name} ${path}`, watched, client };
          })(),
          (async () => {
            const { watched, client } = await start(name, 3.6, path);
            await takeFast(client, 10_000_000);
            takeSlowly(client, 250_000);
            return { what: `${name} ${path} after it has been fast`, watched, client };
          })(),
        ]),
      );
      const started = await Promise.all(clients);
      await sleep(10_800);
      const idle = started.filter(({ watched }) => watched.idleAfter !== undefined);
      expect(idle.map(({ what }) => what)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

it('does not blame a client for whom nothing waits', async () => {
  const idle: string[] = [];
  for (const name of NAMES) {
    const { serve, open } = TRANSPORTS[name] as Transport;
    const server = serve((_request, response) => {
      (response as http.ServerResponse).write('the database is slow');
      watchClient(response, 0.2, () => idle.push(name));
    });
    const sockets = await listen(server);
    const client = open(portOf(server), '/').on('error', () => {});
    cleanUps.push(() => {
      client.destroy();
      sockets.forEach((socket) => socket.destroy());
      server.close();
    });
    await once(client, 'readable');
  }
  await sleep(1_000);
  expect(idle).toEqual([]);
});

it('finds one idle stream of an HTTP/2 connection whose other stream flows and which is pinged', async () => {
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
  takeSlowly(flowing, 10_000_000);
  const pings = setInterval(() => session.ping(() => {}), 20);
  cleanUps.push(() => {
    clearInterval(pings);
    [stalled, flowing].forEach((stream) => stream.destroy());
    session.destroy();
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  await sleep(1_500);
  expect(idle).toEqual(['/stalled']);
});

describe('when a watch is over', () => {
  /** The timers that watches have set and not cleared. */
  function watchTimers() {
    const set: NodeJS.Timeout[] = [];
    const { setTimeout: original } = global;
    jest.spyOn(global, 'setTimeout').mockImplementation(((...args: [() => void, number]) => {
      const timer = original(...args);
      if (args[1] === PAUSE_MS) set.push(timer);
      return timer;
    }) as typeof setTimeout);
    return () => set.filter((timer) => !(timer as unknown as { _destroyed: boolean })._destroyed);
  }
  const SECONDS = 4.004;
  const PAUSE_MS = (SECONDS * 1000) / 4;
  afterEach(() => jest.restoreAllMocks());

  const LISTENERS = ['close', 'drain'];
  const countListeners = (emitters: NodeJS.EventEmitter[]) =>
    emitters.map((emitter) => LISTENERS.map((event) => emitter.listenerCount(event)));

  it.each(NAMES)('nothing of it is left when the client goes, over %s', async (name) => {
    const running = watchTimers();
    const { serve, open } = TRANSPORTS[name] as Transport;
    let emitters: NodeJS.EventEmitter[] = [];
    let before: number[][] = [];
    let during: number[][] = [];
    const closed = new Promise<void>((resolve) => {
      const server = serve((_request, response) => {
        emitters = 'stream' in response ? [response.stream] : [response, response.req.socket];
        before = countListeners(emitters);
        watchClient(response, SECONDS, () => {});
        during = countListeners(emitters);
        response.once('close', () => setImmediate(resolve));
        (response as http.ServerResponse).write('begins');
      });
      void listen(server).then(() => {
        const client = open(portOf(server), '/').on('error', () => {});
        client.once('data', () => client.destroy());
        client.resume();
        cleanUps.push(() => server.close());
      });
    });
    await closed;
    expect(during).not.toEqual(before);
    expect(running()).toEqual([]);
    const after = countListeners(emitters);
    after.flat().forEach((count, index) => {
      expect(count).toBeLessThanOrEqual(before.flat()[index] as number);
    });
  });

  it('nothing of it is left on a connection that is kept open', async () => {
    const running = watchTimers();
    const server = http.createServer((_request, response) => {
      watchClient(response, SECONDS, () => {});
      response.end('whole');
    });
    const sockets = await listen(server);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    cleanUps.push(() => {
      agent.destroy();
      server.close();
    });
    const counts = new Set<number>();
    for (let count = 0; count < 20; count += 1) {
      const request = http.get({ agent, port: portOf(server), host: '127.0.0.1' });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      await once(response.resume(), 'close');
      counts.add([...sockets][0]?.listenerCount('close') as number);
    }
    expect([sockets.size, counts.size]).toEqual([1, 1]);
    expect(running()).toEqual([]);
  });

  it('nothing of it is left of a response that waited behind another one', async () => {
    const running = watchTimers();
    let watched = 0;
    const server = http.createServer(({ url }, response) => {
      if (url !== '/second') return;
      watchClient(response, SECONDS, () => {});
      watched += 1;
    });
    const sockets = await listen(server);
    cleanUps.push(() => server.close());
    const client = connect(portOf(server), '127.0.0.1').on('error', () => {});
    client.write(get('/first') + get('/second'));
    await until(() => watched > 0, 10_000);
    expect(running()).toHaveLength(1);
    const [socket] = sockets;
    client.destroy();
    await once(socket as Socket, 'close');
    expect(running()).toEqual([]);
  });

  it('a response that has closed before is not watched', async () => {
    const running = watchTimers();
    await Promise.all(
      NAMES.slice(0, 4).map(async (name) => {
        const { serve, open } = TRANSPORTS[name] as Transport;
        let leave = () => {};
        const watched = new Promise<void>((resolve) => {
          const server = serve((_request, response) => {
            setImmediate(() => leave());
            response.once('close', () => {
              watchClient(response, SECONDS, () => {});
              resolve();
            });
          });
          void listen(server).then(() => {
            const client = open(portOf(server), '/').on('error', () => {});
            leave = () => client.destroy();
            cleanUps.push(() => server.close());
          });
        });
        await watched;
      }),
    );
    expect(running()).toEqual([]);
  });
});
