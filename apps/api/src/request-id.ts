import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const REQUEST_ID = 'X-Request-Id';
/** Rejects characters that could break a log line or a header. */
const VALID_ID = /^[\w.:-]{1,100}$/;

const ids = new AsyncLocalStorage<string>();

/** Returns the id of the current request, or undefined outside of one. */
export function requestId(): string | undefined {
  return ids.getStore();
}

/**
 * Middleware that assigns the request id: the X-Request-Id of the request if it is valid, or a new one. The
 * response repeats it. This must be one of the first middlewares, so that every response has an id.
 */
export function assignRequestId(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const received = request.headers['x-request-id'];
  const id = typeof received === 'string' && VALID_ID.test(received) ? received : randomUUID();
  // The library reads the id of its log lines from this header.
  request.headers['x-request-id'] = id;
  response.setHeader(REQUEST_ID, id);
  ids.run(id, next);
}
