import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EnvironmentError } from '../read-environment';
import { METRICS_HEADERS, METRICS_PATH, type MetricsReader } from './metrics-reader';

/** Serves `/metrics` on a port of its own, from the start of the app until its last export is over. */
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private readonly server = createServer(
    (request, response) => void this.answer(request, response),
  );

  /** @param mayRead whether a request is answered; others get 403. */
  constructor(
    private readonly reader: Pick<MetricsReader, 'read'>,
    private readonly host: string,
    private readonly port: number,
    private readonly mayRead: (request: IncomingMessage) => boolean,
  ) {}

  /** @throws EnvironmentError if the port can't be listened on. */
  async onApplicationBootstrap(): Promise<void> {
    const { host, port, server } = this;
    try {
      await once(server.listen(port, host), 'listening');
    } catch (error) {
      throw new EnvironmentError(
        `METRICS_PORT ${port} of HOST ${host} can't be listened on: ${(error as Error).message}`,
      );
    }
    const { family, address, port: own } = server.address() as AddressInfo;
    const name = family === 'IPv6' ? `[${address}]` : address;
    this.logger.log(`Metrics: http://${name}:${own}/${METRICS_PATH}`);
  }

  onApplicationShutdown(): void {
    this.server.close();
    // A scrape takes milliseconds, and whoever reads one slowly can't keep the process.
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
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
