import { listen } from '@calls/testing';
import type { LoggerService } from '@nestjs/common';
import { sign } from 'jsonwebtoken';
import { gracefulClose } from '../src/graceful-close';
import { createApp } from '../src/create-app';
import { Environment } from '../src/environment';

export const SECRET = 'a secret for the tests of 32 bytes or more';
export const EXPORT_PATH = '/api/v1/calls/export';

/** The API, listening on a free port. */
export interface Api {
  readonly url: string;
  /** Sends `GET /api/v1/calls/export` with a query. Default headers: the token of account 1. */
  export(
    query?: string | Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** Sends `HEAD` to the same path. */
  head(query?: string, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** A valid token of an account. */
export function accountToken(accountId: unknown): string {
  return sign({ account_id: accountId }, SECRET, { algorithm: 'HS256', expiresIn: 600 });
}

/** The headers of a request with a token. */
export function withToken(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** The headers of a request with a valid token of an account. */
export function bearer(accountId: unknown): Record<string, string> {
  return withToken(accountToken(accountId));
}

/** @param settings that differ from the defaults. Requests are not rate-limited by default. */
export async function startApi(
  databaseUrl: string,
  settings: Partial<Environment> = {},
  logger: LoggerService | false = false,
): Promise<Api> {
  const environment = Object.assign(new Environment(), {
    DATABASE_URL: databaseUrl,
    JWT_SECRET: SECRET,
    RATE_LIMIT_PER_ADDRESS: 1e9,
    RATE_LIMIT_PER_ACCOUNT: 1e9,
    SHUTDOWN_GRACE: 1,
    ...settings,
  });
  const app = await createApp(environment, databaseUrl, { logger });
  const { close } = gracefulClose(app, environment.SHUTDOWN_GRACE);
  const url = await listen(app);
  return {
    url,
    export: (query = '', headers = bearer(1)) =>
      fetch(
        `${url}${EXPORT_PATH}?${typeof query === 'string' ? query : new URLSearchParams(query)}`,
        { headers },
      ),
    head: (query = '', headers = bearer(1)) =>
      fetch(`${url}${EXPORT_PATH}?${query}`, { method: 'HEAD', headers }),
    close,
  };
}

/** Returns the ids in a JSON export, in its order. */
export async function exportedIds(
  api: Api,
  query: Record<string, string> = {},
  headers = bearer(1),
): Promise<number[]> {
  const response = await api.export({ ...query, format: 'json' }, headers);
  expect(response.status).toBe(200);
  return ((await response.json()) as { id: number }[]).map(({ id }) => id);
}

/** Runs `work` with the API, and closes the API afterwards. */
export async function withApi(
  databaseUrl: string,
  settings: Partial<Environment>,
  work: (api: Api) => Promise<void>,
): Promise<void> {
  const api = await startApi(databaseUrl, settings);
  try {
    await work(api);
  } finally {
    await api.close();
  }
}
