import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { NodeResponse } from './node-response';

/**
 * Breaks off a response in a way that no client takes for its end.
 *
 * Over HTTP/2 its stream is closed with INTERNAL_ERROR: without an error it would end with NO_ERROR, which says that all is well
 * (RFC 9113, section 7). Over HTTP/1 its connection is reset: without chunks (HTTP/1.0) a mere end of the connection is the end
 * of the file.
 */
export function breakOff(response: NodeResponse): void {
  if ('stream' in response) response.stream?.close(constants.NGHTTP2_INTERNAL_ERROR);
  else resetConnection(response.req.socket);
  response.destroy();
}

/** Resets a connection of TCP, or the one beneath a connection of TLS. */
export function resetConnection(socket: Socket): void {
  // A TLS socket can't be reset itself; Node keeps the one that it was made of here.
  const { _parent: tcp } = socket as { _parent?: Socket | null };
  try {
    (tcp ?? socket).resetAndDestroy();
  } catch {
    // A Unix socket can't be, but what talks over it is a proxy, which speaks HTTP/1.1.
  }
  socket.destroy();
}
