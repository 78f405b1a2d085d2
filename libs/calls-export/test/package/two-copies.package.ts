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
const REFUSED = [
  'format=xml',
  'status=lost',
  'status=busy&status=failed',
  'assistant_id=1e3',
  'date_from=2023-02-31',
  'date_from=2023-10-31&date_to=2023-10-30',
  'unknown=1',
];

describe('A host with copies of the validators that are not the library’s', () => {
  let hosts: InstalledHosts;

  beforeAll(async () => {
    hosts = await InstalledHosts.create();
  }, TIMEOUT_MS);
  afterAll(() => hosts.remove(), TIMEOUT_MS);

  it(
    'accepts and refuses the same parameters as one with a single copy',
    async () => {
      const host = await hosts.install(
        'libs/calls-export/test/package/fastify-sqlite',
        {},
        SMALLEST,
      );
      const expected = await answers(host);
      expect(expected.accepted.map(({ status }) => status)).toEqual(ACCEPTED.map(() => 200));
      expect(expected.refused.map(({ status }) => status)).toEqual(REFUSED.map(() => 400));

      const modules = join(host, 'node_modules');
      const library = join(hosts.folder, 'library');
      for (const name of VALIDATORS) {
        await cp(join(modules, name), join(library, name), { recursive: true });
      }
      await npm(host, 'install', 'class-validator@0.14');
      await cp(library, join(modules, 'nestjs-calls-export/node_modules'), { recursive: true });
      // The host has used its copies before it loads the library.
      const NODE_OPTIONS = VALIDATORS.map((name) => `--require=${name}`).join(' ');
      expect(await answers(host, { NODE_OPTIONS })).toEqual(expected);
    },
    TIMEOUT_MS,
  );
});

/** What a host answers to each query. */
async function answers(host: string, settings: NodeJS.ProcessEnv = {}) {
  const [url, stop] = await start(host, settings);
  const token = sign({ account_id: 1 }, SECRET, { expiresIn: 60 });
  const ask = async (query: string) => {
    const response = await fetch(`${url}/calls/export?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { query, status: response.status, body: await response.text() };
  };
  const askAll = async (queries: string[]) => {
    const each = [];
    for (const query of queries) each.push(await ask(query));
    return each;
  };
  try {
    return { accepted: await askAll(ACCEPTED), refused: await askAll(REFUSED) };
  } finally {
    await stop();
  }
}
