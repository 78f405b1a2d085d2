import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The requests of a connection. */
interface RequestQueue {
  isServing: boolean;
  readonly waiting: (() => void)[];
}

const queues = new WeakMap<Socket, RequestQueue>();

/**
 * Middleware that serves the pipelined requests of a connection one at a time, and stops reading while some
 * are queued.
 *
 * Node.js starts every request that it has read. As responses are sent in order (RFC 9112, section 9.3.2),
 * each would use memory until all responses before it are sent.
 */
export function serializeRequests(
  { socket }: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const queue = queues.get(socket) ?? createQueue(socket);
  const serve = () => {
    queue.isServing = true;
    // Deferred, so that the request can release its resources and other connections get served.
    response.once('close', () => setImmediate(() => serveNext(socket, queue)));
    next();
  };
  if (queue.isServing) {
    queue.waiting.push(serve);
    socket.pause();
  } else {
    serve();
  }
}

function serveNext(socket: Socket, queue: RequestQueue): void {
  queue.isServing = false;
  if (socket.destroyed) return;
  queue.waiting.shift()?.();
  if (queue.waiting.length === 0) socket.resume();
}

function createQueue(socket: Socket): RequestQueue {
  const queue: RequestQueue = { isServing: false, waiting: [] };
  queues.set(socket, queue);
  // Node.js resumes the socket after each response, so pause it again.
  socket.on('resume', () => {
    if (queue.waiting.length > 0) socket.pause();
  });
  return queue;
}
