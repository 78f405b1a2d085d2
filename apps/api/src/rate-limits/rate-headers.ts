import type { ServerResponse } from 'node:http';

const LIMIT = 'X-RateLimit-Limit';
const REMAINING = 'X-RateLimit-Remaining';
const RESET = 'X-RateLimit-Reset';

/** The state of a limit after a request. */
export interface RateState {
  /** The number of requests allowed per minute. */
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until all of them are available again. */
  readonly reset: number;
}

/** The OpenAPI descriptions of the headers. */
export const RATE_HEADERS = {
  [LIMIT]: {
    description:
      'Requests allowed per minute, for the address or for the account, whichever has fewer left',
    schema: { type: 'integer' },
  },
  [REMAINING]: {
    description: 'Requests left; 0 if this request exceeded the limit',
    schema: { type: 'integer' },
  },
  [RESET]: {
    description: 'Seconds until all of them are available again',
    schema: { type: 'integer' },
  },
} as const;

/** Sets the headers to a limit that the request exceeded. */
export function showLimit(response: ServerResponse, { limit, remaining, reset }: RateState): void {
  response.setHeader(LIMIT, limit);
  response.setHeader(REMAINING, remaining);
  response.setHeader(RESET, reset);
}

/** Sets the headers to a limit, unless they already show one with fewer requests left. */
export function showTighterLimit(response: ServerResponse, state: RateState): void {
  const current = response.getHeader(REMAINING);
  if (current === undefined || state.remaining <= Number(current)) showLimit(response, state);
}
