import type { ServerResponse } from 'node:http';

const LIMIT = 'X-RateLimit-Limit';
const REMAINING = 'X-RateLimit-Remaining';
const RESET = 'X-RateLimit-Reset';

/** How a limit stands after a request. */
export interface RateState {
  /** How many requests a minute are allowed. */
  readonly limit: number;
  readonly remaining: number;
  /** In how many seconds all of them are available again. */
  readonly reset: number;
}

/** The headers, as OpenAPI describes them. */
export const RATE_HEADERS = {
  [LIMIT]: {
    description:
      'How many requests a minute are allowed: of the address or of the account, whichever has fewer left',
    schema: { type: 'integer' },
  },
  [REMAINING]: {
    description: 'How many of them are left; 0 if the limit has refused this request',
    schema: { type: 'integer' },
  },
  [RESET]: {
    description: 'In how many seconds all of them are available again',
    schema: { type: 'integer' },
  },
} as const;

/** Shows a limit that has refused the request. */
export function showLimit(response: ServerResponse, { limit, remaining, reset }: RateState): void {
  response.setHeader(LIMIT, limit);
  response.setHeader(REMAINING, remaining);
  response.setHeader(RESET, reset);
}

/** Shows a limit unless the response has another one that leaves fewer requests. */
export function showTighterLimit(response: ServerResponse, state: RateState): void {
  const shown = response.getHeader(REMAINING);
  if (shown === undefined || state.remaining <= Number(shown)) showLimit(response, state);
}
