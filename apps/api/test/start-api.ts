import type { AddressInfo } from 'node:net';
import { signToken, type TokenSettings } from '@calls/auth';
import { createApp } from '../src/create-app';

export const TOKENS: TokenSettings = { secret: 'a secret for the tests of 32 bytes or more' };

/** The API, listening on a port of its own. */
export interface Api {
  readonly url: string;
  /** `GET /api/v1/calls/export` with a query, as account 1 or with other headers. */
  export(
    query?: string | Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  close(): Promise<void>;
}

export function bearer(accountId: number): Record<string, string> {
  return { authorization: `Bearer ${signToken(TOKENS, accountId, 600)}` };
}

export async function startApi(databaseUrl: string): Promise<Api> {
  const app = await createApp(TOKENS, databaseUrl, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return {
    url,
    export: (query = '', headers = bearer(1)) =>
      fetch(
        `${url}/api/v1/calls/export?${typeof query === 'string' ? query : new URLSearchParams(query)}`,
        { headers },
      ),
    close: () => app.close(),
  };
}
