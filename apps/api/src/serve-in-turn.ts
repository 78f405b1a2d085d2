import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The requests of a connection. */
interface Turns {
  isServing: boolean;
  readonly waiting: (() => void)[];
}

const turnsOf = new WeakMap<Socket, Turns>();

/**
 * Middleware that serves the requests of a connection one after the other, and reads no more of them while some wait.
 *
 * Node.js starts every request that it has read, and each takes memory until all before it are answered: responses leave in the
 * order of their requests (RFC 9112, section 9.3.2).
 */
export function serveInTurn(
  { socket }: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const turns = turnsOf.get(socket) ?? watch(socket);
  const serve = () => {
    turns.isServing = true;
    // Not before what the request held is free, and other connections have had their turn.
    response.once('close', () => setImmediate(() => serveNext(socket, turns)));
    next();
  };
  if (turns.isServing) {
    turns.waiting.push(serve);
    socket.pause();
  } else {
    serve();
  }
}

function serveNext(socket: Socket, turns: Turns): void {
  turns.isServing = false;
  if (socket.destroyed) return;
  turns.waiting.shift()?.();
  if (turns.waiting.length === 0) socket.resume();
}

function watch(socket: Socket): Turns {
  const turns: Turns = { isServing: false, waiting: [] };
  turnsOf.set(socket, turns);
  // Node.js resumes the socket after each response.
  socket.on('resume', () => {
    if (turns.waiting.length > 0) socket.pause();
  });
  return turns;
}
