import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const REQUEST_ID = 'X-Request-Id';
/** Nothing that could break a line of a log or a header. */
const ACCEPTABLE = /^[\w.:-]{1,100}$/;

const ids = new AsyncLocalStorage<string>();

/** The id of the request that is being worked on; none outside of one. */
export function requestId(): string | undefined {
  return ids.getStore();
}

/**
 * Middleware that gives each request an id: the client's or proxy's, of the header X-Request-Id, or a new one. The response has it
 * in the same header. It comes before all else, so that nothing answers without it.
 */
export function giveRequestId(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && ACCEPTABLE.test(given) ? given : randomUUID();
  // Whoever reads it from here on, as the line of an export does, finds the same one.
  request.headers['x-request-id'] = id;
  response.setHeader(REQUEST_ID, id);
  ids.run(id, next);
}
