import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key server, whose keys and answers change. */
export class KeyServer {
  requests = 0;
  /** The keys of its set: a key to publish by its id, or a JWK as it is. */
  keys: ({ kid: string; key: KeyObject } | object)[] = [];
  /** What answers instead of the set. */
  answer?: RequestListener;
  private constructor(private readonly server: Server) {}

  /** @param path of the set; others are not found. */
  static async start(path = '/keys.json'): Promise<KeyServer> {
    const server = createServer((request, response) => {
      keyServer.requests++;
      if (keyServer.answer) return keyServer.answer(request, response);
      if (request.url !== path) return response.writeHead(404).end();
      response.setHeader('Content-Type', 'application/json');
      return response.end(JSON.stringify({ keys: keyServer.keys.map(asJwk) }));
    });
    const keyServer = new KeyServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return keyServer;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get uri(): string {
    return `${this.origin}/keys.json`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

function asJwk(entry: KeyServer['keys'][number]): object {
  if (!('kid' in entry && 'key' in entry)) return entry;
  return { ...(entry.key as KeyObject).export({ format: 'jwk' }), kid: entry.kid };
}

const realNow = Date.now;

/** Lets the clock of this process be ahead by so many seconds. `jest.restoreAllMocks()` puts it right. */
export function passTime(seconds: number): void {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + seconds * 1000);
}
