import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { sign } from 'jsonwebtoken';
import { InstalledHosts, npm, SECRET, SMALLEST, start, TIMEOUT_MS } from './installed-hosts';

const VALIDATORS = ['class-validator', 'class-transformer'];
const ACCEPTED = [
  '',
  'format=ndjson',
  'status=completed',
  'status=',
  'assistant_id=1',
  'date_from=2023-10-30&date_to=2023-10-30',
  'date_from=2023-10-30T12:00:00%2B02:00',
  'date_to=',
];
const REJECTED = [
  'format=xml',
  'status=lost',
  'status=busy&status=failed',
  'assistant_id=1e3',
  'date_from=2023-02-31',
  'date_from=2023-10-31&date_to=2023-10-30',
  'unknown=1',
];

describe('A host app with other copies of the validators than the library', () => {
  let hosts: InstalledHosts;

  beforeAll(async () => {
    hosts = await InstalledHosts.create();
  }, TIMEOUT_MS);
  afterAll(() => hosts.remove(), TIMEOUT_MS);

  it(
    'accepts and rejects the same parameters as one with a single copy',
    async () => {
      const host = await hosts.install(
        'libs/calls-export/test/package/fastify-sqlite',
        {},
        SMALLEST,
      );
      const expected = await responses(host);
      expect(expected.accepted.map(({ status }) => status)).toEqual(ACCEPTED.map(() => 200));
      expect(expected.rejected.map(({ status }) => status)).toEqual(REJECTED.map(() => 400));

      const modules = join(host, 'node_modules');
      const library = join(hosts.folder, 'library');
      for (const name of VALIDATORS) {
        await cp(join(modules, name), join(library, name), { recursive: true });
      }
      await npm(host, 'install', 'class-validator@0.14');
      await cp(library, join(modules, 'nestjs-calls-export/node_modules'), { recursive: true });
      // Loads the host app's copies before the library's.
      const NODE_OPTIONS = VALIDATORS.map((name) => `--require=${name}`).join(' ');
      expect(await responses(host, { NODE_OPTIONS })).toEqual(expected);
    },
    TIMEOUT_MS,
  );
});

/** @returns the responses of a host app to all queries. */
async function responses(host: string, settings: NodeJS.ProcessEnv = {}) {
  const [url, stop] = await start(host, settings);
  const token = sign({ account_id: 1 }, SECRET, { expiresIn: 60 });
  const request = async (query: string) => {
    const response = await fetch(`${url}/calls/export?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { query, status: response.status, body: await response.text() };
  };
  const requestAll = async (queries: string[]) => {
    const all = [];
    for (const query of queries) all.push(await request(query));
    return all;
  };
  try {
    return { accepted: await requestAll(ACCEPTED), rejected: await requestAll(REJECTED) };
  } finally {
    await stop();
  }
}
