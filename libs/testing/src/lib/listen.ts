import type { AddressInfo, Server } from 'node:net';

/** The part of a Nest app used here. */
interface ListeningApp {
  listen(port: number, host: string): Promise<unknown>;
  getHttpServer(): Server & { keepAliveTimeout?: number };
}

/** Starts an app on a free port of 127.0.0.1, and returns its URL. */
export async function listen(app: ListeningApp): Promise<string> {
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer();
  // Otherwise a busy server may close an idle connection just as `fetch` sends the next request on it.
  server.keepAliveTimeout = 120_000;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
