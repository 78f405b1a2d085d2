import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A key server whose keys and responses can change. */
export class KeyServer {
  requests = 0;
  /** The keys of its set: a key to publish with its id, or a JWK as is. */
  keys: ({ kid: string; key: KeyObject } | object)[] = [];
  /** Responds instead of the key set. */
  respond?: RequestListener;
  private constructor(private readonly server: Server) {}

  /** @param path of the key set; other paths get a 404. */
  static async start(path = '/keys.json'): Promise<KeyServer> {
    const server = createServer((request, response) => {
      keyServer.requests++;
      if (keyServer.respond) return keyServer.respond(request, response);
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

/** Sets the clock of this process ahead of the real time. `jest.restoreAllMocks()` resets it. */
export function setClockAhead(seconds: number): void {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + seconds * 1000);
}
