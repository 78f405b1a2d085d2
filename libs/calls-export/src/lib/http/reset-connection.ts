import type { ServerResponse } from 'node:http';

/**
 * Cuts off a response in a way that no client takes for its end: without chunks (HTTP/1.0) the end of the connection is
 * the end of the file, unless it is reset.
 */
export function resetConnection(response: ServerResponse): void {
  try {
    // Of a connection of HTTP/2 other responses are in the middle.
    if (response.req.httpVersionMajor < 2) response.req.socket.resetAndDestroy();
  } catch {
    // Only TCP has it: TLS tells the end of the data by itself, and what talks over a Unix socket is a proxy.
  }
  response.destroy();
}
