import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { HeaderResponse } from './http-errors';

/** Node's response, of HTTP/1 or HTTP/2. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** An Express response, which extends Node's, or a Fastify reply, which wraps it. */
export type HttpResponse = HeaderResponse & (ServerResponse | { readonly raw: NodeResponse });

/** Returns Node's response. */
export function nodeResponseOf(response: HttpResponse): NodeResponse {
  return 'raw' in response ? response.raw : response;
}

/**
 * Calls the listener when a response has closed or can no longer be sent. If it already has, calls it
 * on the next tick.
 *
 * @returns a function that removes the listener.
 */
export function onClose(response: NodeResponse, listener: () => void): () => void {
  const { socket, httpVersionMajor } = response.req;
  // A pipelined response that still waits for an earlier one never emits `close` itself.
  const targets = httpVersionMajor < 2 ? [response, socket] : [response];
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
