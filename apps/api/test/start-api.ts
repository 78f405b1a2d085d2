import type { AddressInfo } from 'node:net';
import type { LoggerService } from '@nestjs/common';
import { sign } from 'jsonwebtoken';
import { gracefulClose } from '../src/graceful-close';
import { createApp } from '../src/create-app';
import { Environment } from '../src/environment';

export const SECRET = 'a secret for the tests of 32 bytes or more';

/** The API, listening on a free port. */
export interface Api {
  readonly url: string;
  /** Sends `GET /api/v1/calls/export` with a query. Default headers: the token of account 1. */
  export(
    query?: string | Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  close(): Promise<void>;
}

export function bearer(accountId: number): Record<string, string> {
  const token = sign({ account_id: accountId }, SECRET, { algorithm: 'HS256', expiresIn: 600 });
  return { authorization: `Bearer ${token}` };
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
  await app.listen(0, '127.0.0.1');
  // No connection that `fetch` keeps is closed just when a busy machine sends the next request on it.
  app.getHttpServer().keepAliveTimeout = 120_000;
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return {
    url,
    export: (query = '', headers = bearer(1)) =>
      fetch(
        `${url}/api/v1/calls/export?${typeof query === 'string' ? query : new URLSearchParams(query)}`,
        { headers },
      ),
    close,
  };
}
