import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { HeaderResponse } from './http-errors';

/** A response as Node has it, of HTTP/1 or of HTTP/2. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Express's response is Node's; Fastify's has it. */
export type HttpResponse = HeaderResponse & (ServerResponse | { readonly raw: NodeResponse });

export function nodeResponseOf(response: HttpResponse): NodeResponse {
  return 'raw' in response ? response.raw : response;
}

/**
 * Calls back when a response has closed or can't be sent any more; soon if that is so already.
 *
 * @returns what takes that back.
 */
export function onClose(response: NodeResponse, listener: () => void): () => void {
  const { socket, httpVersionMajor } = response.req;
  const targets = httpVersionMajor < 2 ? [response, socket] : [response];
  // One that waits behind another one on its connection never closes by itself.
  for (const target of targets) target.on('close', listener);
  if (isClosed(response)) process.nextTick(listener);
  return () => {
    for (const target of targets) target.removeListener('close', listener);
  };
}

function isClosed(response: NodeResponse): boolean {
  return 'stream' in response
    ? Boolean(response.stream?.destroyed)
    : response.destroyed || response.req.socket.destroyed;
}
