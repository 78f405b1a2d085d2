import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { Duplex, Readable } from 'node:stream';
import * as tls from 'node:tls';
import { createGzip } from 'node:zlib';
import { inSlices, watchClient } from '../src/lib/http/client-watch';

/** As large as a real page. Random bytes don't shrink when they are compressed. */
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

export const TIMEOUT_MS = 60_000;

type Response = http.ServerResponse | http2.Http2ServerResponse;
type Handler = (request: { url?: string }, response: Response) => void;

export interface Transport {
  serve(handler: Handler): Server;
  /** @returns the client's end, which receives data only as it is read. */
  open(port: number, path: string): Duplex;
}

export const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
const http2Request = (session: http2.ClientHttp2Session, path: string) => {
  session.on('error', () => {});
  const request = session.request({ ':path': path });
  request.once('close', () => session.destroy());
  return request;
};

export const TRANSPORTS: Record<string, Transport> = {
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
  // With a window this large, only TCP's flow control stops the server, as with curl and browsers.
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
export const NAMES = Object.keys(TRANSPORTS);

/** A connection that receives the data of a socket only as the test reads the socket. */
function passedOn(socket: Socket): Duplex {
  const connection = new Duplex({
    read() {},
    write: (chunk, _encoding, done) => void socket.write(chunk, () => done()),
  });
  // A listener for `data` would make the socket flow.
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event === 'data') connection.push(args[0]);
    return emit(event, ...args);
  };
  socket.once('close', () => connection.destroy());
  return connection;
}

export interface Watched {
  /** Seconds from the start of the response until the client was reported idle. */
  idleAfter?: number;
  /** Resolves when the client is reported idle. */
  readonly idle: Promise<unknown>;
}

const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

/** Runs a function after the current test. */
export const afterTest = (cleanUp: () => void) => void cleanUps.push(cleanUp);

/** Serves an endless file with a watch on its client, and requests it. */
export async function start(name: string, seconds: number, path = '/') {
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
  afterTest(() => {
    client.destroy();
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { watched, client };
}

/** Sends an endless file, compressed if the path says so. */
export function send(path: string, response: Response): void {
  const pages = new Readable({ highWaterMark: 0, read: () => pages.push(PAGE) });
  const file = path.includes('gzip') ? pages.pipe(createGzip({ level: 1 })) : pages;
  ('stream' in response ? inSlices(file) : file).pipe(response as http.ServerResponse);
  response.once('close', () => pages.destroy());
}

/** Starts a server, and returns its open connections. */
export async function listen(server: Server): Promise<Set<Socket>> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return sockets;
}

export const portOf = (server: Server) => (server.address() as AddressInfo).port;

/**
 * Reads this many bytes a second, in ten reads, and catches up after a pause of the process.
 *
 * @returns a function that returns the number of bytes read so far.
 */
export function readSlowly(client: Duplex, bytesPerSecond: number): () => number {
  client.on('readable', () => {});
  const step = bytesPerSecond / 10;
  const start = performance.now();
  let read = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - start) / 1000) * bytesPerSecond;
    while (read + step <= due && client.read(step) !== null) read += step;
  }, 100);
  client.once('close', () => clearInterval(timer));
  afterTest(() => clearInterval(timer));
  return () => read;
}

/** Reads this many bytes as fast as they come, then stops. */
export async function readFast(client: Duplex, bytes: number): Promise<void> {
  let read = 0;
  client.on('data', (data: Buffer) => (read += data.length));
  while (read < bytes) await once(client, 'data');
  client.removeAllListeners('data').pause();
}
