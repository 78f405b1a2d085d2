/**
 * Uses the client generated from docs/openapi.json: prints the calls of an account from two requests, and
 * their number.
 *
 * Arguments: the address of the API, and a token.
 */
import createClient from 'openapi-fetch';
import type { paths } from './schema';

const [baseUrl, token] = process.argv.slice(2);

async function main(): Promise<void> {
  const client = createClient<paths>({
    baseUrl,
    headers: { Authorization: `Bearer ${token}` },
  });

  const json = await client.GET('/api/v1/calls/export', {
    params: { query: { format: 'json', status: 'completed' } },
  });
  // A program may rely on what the document says about a call.
  const ids: number[] = Array.isArray(json.data) ? json.data.map((call) => call.id) : [];

  const csv = await client.GET('/api/v1/calls/export', {
    params: { query: { date_from: '1970-01-01' } },
    parseAs: 'text',
  });

  const refused = await client.GET('/api/v1/calls/export', {
    // @ts-expect-error no such status
    params: { query: { status: 'done' } },
  });

  const counted = await client.HEAD('/api/v1/calls/export');
  const total = counted.response.headers.get('x-total-count');
  console.log(JSON.stringify({ ids, csv: csv.data, refused: refused.error?.message, total }));
}

void main();
