import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EnvironmentError } from '../read-environment';
import { METRICS_HEADERS, METRICS_PATH, type MetricsReader } from './metrics-reader';

/** Serves `/metrics` on a separate port, until the last export has ended. */
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private readonly server = createServer(
    (request, response) => void this.respond(request, response),
  );

  /** @param mayRead whether a request is allowed; others get a 403. */
  constructor(
    private readonly reader: Pick<MetricsReader, 'read'>,
    private readonly host: string,
    private readonly port: number,
    private readonly mayRead: (request: IncomingMessage) => boolean,
  ) {}

  /** @throws EnvironmentError if it can't listen on the port. */
  async onApplicationBootstrap(): Promise<void> {
    const { host, port, server } = this;
    try {
      await once(server.listen(port, host), 'listening');
    } catch (error) {
      throw new EnvironmentError(
        `Can't listen on METRICS_PORT ${port} of HOST ${host}: ${(error as Error).message}`,
      );
    }
    const { family, address, port: actualPort } = server.address() as AddressInfo;
    const name = family === 'IPv6' ? `[${address}]` : address;
    this.logger.log(`Metrics: http://${name}:${actualPort}/${METRICS_PATH}`);
  }

  onApplicationShutdown(): void {
    this.server.close();
    // A scrape takes milliseconds; a slow reader must not keep the process alive.
    this.server.closeAllConnections();
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url } = request;
    if (!this.mayRead(request)) {
      response.writeHead(403).end();
    } else if (url?.split('?', 1)[0] !== `/${METRICS_PATH}`) {
      response.writeHead(404).end();
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else {
      try {
        const text = await this.reader.read();
        response.writeHead(200, METRICS_HEADERS).end(text);
      } catch (error) {
        this.logger.error(error);
        response.writeHead(500).end();
      }
    }
  }
}
