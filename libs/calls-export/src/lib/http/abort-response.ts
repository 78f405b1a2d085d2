import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { NodeResponse } from './node-response';

/**
 * Aborts a response so that no client mistakes a truncated file for a complete one.
 *
 * Over HTTP/2 it closes the stream with INTERNAL_ERROR. The default, NO_ERROR, would signal a normal
 * end (RFC 9113, section 7).
 *
 * Over HTTP/1 it resets the connection. In HTTP/1.0, which has no chunks, a normal close marks the end of
 * the file.
 */
export function abortResponse(response: NodeResponse): void {
  if ('stream' in response) response.stream?.close(constants.NGHTTP2_INTERNAL_ERROR);
  else resetConnection(response.req.socket);
  response.destroy();
}

/** Resets a TCP connection, or the one beneath a TLS connection. */
export function resetConnection(socket: Socket): void {
  // A TLS socket can't be reset. Node keeps the TCP socket that it wraps here.
  const { _parent: tcp } = socket as { _parent?: Socket | null };
  try {
    (tcp ?? socket).resetAndDestroy();
  } catch {
    // A Unix socket can't be reset either. Its peer is a proxy, which speaks HTTP/1.1 and so detects
    // truncation.
  }
  socket.destroy();
}
