import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Curl, type CurlResult, RECEIVE_ERROR } from '../curl';
import { LISTENING, Program } from '../program';
import { bearer, SECRET } from '../start-api';
import { figure } from './figures';
import type { PostgresCluster } from './postgres-cluster';
import { type LoggedPlan, migrate, run, ShardedPostgres } from './sharded-postgres';

/** The hashes of these account numbers put four accounts on each shard. */
const [FIRST_ACCOUNT, ACCOUNTS] = [9, 8];
const ACCOUNT_CALLS = 30_000;
const ASSISTANTS = 10;
/** One call of fifty has it. */
const RARE_ASSISTANT = ASSISTANTS - 1;
const PAGE_CALLS = 5_000;
/** The `fetch_size` of the coordinator. */
const FETCHED_CALLS = 1_000;
const LOOKUPS_MAX = 1_000;
const RESTART_MS = 2_000;
const RETRY_SECONDS = 5;
const TIMEOUT_MS = 60_000;
const UNLIMITED = String(1e9);

/**
 * The IDs of the accounts' calls are interleaved, and three calls each start at the same time. Long
 * assistant names make the file exceed all buffers between the API and curl.
 */
const FILL = `
  INSERT INTO assistants (id, account_id, name)
  SELECT id, ${FIRST_ACCOUNT} + id % ${ACCOUNTS}, 'Assistant ' || id || repeat(' and more', 30)
  FROM generate_series(0, ${ASSISTANTS * ACCOUNTS - 1}) AS id;
  INSERT INTO calls (id, account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
  SELECT i, ${FIRST_ACCOUNT} + i % ${ACCOUNTS}, 'CA' || md5(i::text),
    CASE WHEN i % 7 > 0 THEN ${ACCOUNTS} * CASE WHEN i / ${ACCOUNTS} % 50 = 0 THEN ${RARE_ASSISTANT} ELSE i / ${ACCOUNTS} % ${RARE_ASSISTANT} END + i % ${ACCOUNTS} END,
    CASE WHEN i % 11 > 0 THEN '+1' || (2000000000 + i) ELSE '=1+1; "x"' END,
    CASE WHEN i % 5 = 0 THEN 'busy' ELSE 'completed' END,
    CASE WHEN i % 13 > 0 THEN i % 900 END,
    CASE WHEN i % 17 > 0 THEN '2026-01-01Z'::timestamptz + i / ${3 * ACCOUNTS} * interval '61.5 seconds' END,
    CASE WHEN i % 19 > 0 THEN '2026-01-01Z'::timestamptz + i / ${3 * ACCOUNTS} * interval '62 seconds' END
  FROM generate_series(1, ${ACCOUNTS * ACCOUNT_CALLS}) AS i
  ORDER BY i % ${ACCOUNTS}, i`;

const PATH = '/api/v1/calls/export';

describe('The API on a PostgreSQL sharded by account', () => {
  const servers: PostgresCluster[] = [];
  let sharded: ShardedPostgres;
  let api: { url: string; program: Program };
  /** The API on a single server with the same calls. */
  let plain: { url: string };
  /** One account of each shard. */
  let accounts: [number, number];
  let complete: [CurlResult, CurlResult];

  async function serve(databaseUrl: string) {
    const environment = {
      PORT: '0',
      DATABASE_URL: databaseUrl,
      JWT_SECRET: SECRET,
      NODE_ENV: 'production',
      RATE_LIMIT_PER_ADDRESS: UNLIMITED,
      RATE_LIMIT_PER_ACCOUNT: UNLIMITED,
      EXPORT_RETRY_TIMEOUT: String(RETRY_SECONDS),
    };
    const program = new Program('main', environment, tmpdir());
    return { program, url: await program.printed(LISTENING) };
  }

  beforeAll(async () => {
    sharded = await ShardedPostgres.create(servers, async (url) => {
      await run(url, FILL);
    });
    const { coordinator } = sharded;
    await run(coordinator.url, 'CREATE DATABASE plain');
    const plainUrl = coordinator.url.replace(/postgres$/, 'plain');
    await migrate(plainUrl);
    await run(plainUrl, FILL);
    await run(plainUrl, 'ANALYZE');
    api = await serve(coordinator.url);
    plain = await serve(plainUrl);
    const shards: number[] = [];
    for (let index = 0; index < ACCOUNTS; index++)
      shards.push(await sharded.shardOf(FIRST_ACCOUNT + index));
    expect(shards.filter((shard) => shard === 0)).toHaveLength(ACCOUNTS / 2);
    accounts = [FIRST_ACCOUNT + shards.indexOf(0), FIRST_ACCOUNT + shards.indexOf(1)];
    complete = [await curl(accounts[0]).finish(), await curl(accounts[1]).finish()];
    for (const { exitCode, bytes } of complete) {
      expect(exitCode).toBe(0);
      expect(bytes).toBeGreaterThan(300 * ACCOUNT_CALLS);
    }
  }, TIMEOUT_MS);

  afterAll(() => {
    Program.killAll();
    for (const server of servers) server.remove();
  }, TIMEOUT_MS);

  const curl = (account: number, query = '', { url } = api as { url: string }) =>
    new Curl(`${url}${PATH}?${query}`, bearer(account)['authorization'] as string, ['--fail']);

  async function total(account: number, query: string, { url }: { url: string }) {
    const headers = bearer(account);
    const response = await fetch(`${url}${PATH}?${query}`, { method: 'HEAD', headers });
    return response.headers.get('x-total-count');
  }

  const DAY = 'date_from=2026-01-08&date_to=2026-01-08';
  /** Queries, each with the share of the account's calls that it scans. */
  const QUERIES: [query: string, share: number][] = [
    ['', 1],
    ['format=json', 1],
    ['format=ndjson&timezone=Europe/Berlin', 1],
    ['status=busy', 1],
    ['after=ID', 0.5],
    ['assistant_id=ID', 0.02],
    [DAY, 0.15],
    [`${DAY}&status=busy&format=json`, 0.15],
    [`date_from=2026-01-03&assistant_id=ID`, 1],
    [`date_from=2026-01-03&after=ID`, 1],
  ];

  /** Replaces `ID` by the ID of the account's middle call or of its rare assistant. */
  const queryOf = (query: string, account: number) =>
    query
      .replace('after=ID', `after=${(ACCOUNT_CALLS / 2 + 1) * ACCOUNTS + account - FIRST_ACCOUNT}`)
      .replace(
        'assistant_id=ID',
        `assistant_id=${RARE_ASSISTANT * ACCOUNTS + account - FIRST_ACCOUNT}`,
      );

  it.each(QUERIES)(
    'exports the same bytes as a single server, and scans one index range per page: %s',
    async (template, share) => {
      for (const [shard, account] of accounts.entries()) {
        const query = queryOf(template, account);
        const before = sharded.logs();
        const [file, expected] = await Promise.all([
          curl(account, query).finish(),
          curl(account, query, plain).finish(),
        ]);
        expect(file).toEqual(expected);
        expect(file.exitCode).toBe(0);
        const plans = sharded.plansSince(before);
        // The coordinator does not query the other shard.
        expect(plans[1 - shard]).toEqual([]);
        expectRanges(plans[shard] as LoggedPlan[], share);
        expect(await total(account, query, api)).toMatch(/^[1-9]/);
        expect(await total(account, query, api)).toBe(await total(account, query, plain));
      }
    },
    TIMEOUT_MS,
  );

  function expectRanges(plans: LoggedPlan[], share: number): void {
    const nodes = (plan: LoggedPlan): LoggedPlan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
    const scans = plans.flatMap(nodes).filter((node) => node['Relation Name'] === 'calls');
    expect(scans.length).toBeGreaterThan(1);
    for (const scan of scans) expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
    expect(plans.flatMap(nodes).filter((node) => /Sort/.test(node['Node Type']))).toEqual([]);
    const rowsRead = scans.map(
      (scan) =>
        (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'],
    );
    // A page, plus the coordinator's last fetch, plus calls that start at the same time.
    for (const rows of rowsRead) expect(rows).toBeLessThanOrEqual(PAGE_CALLS + FETCHED_CALLS + 3);
    const sum = rowsRead.reduce((a, b) => a + b);
    // Each page is scanned twice: for its end and for its calls.
    expect(sum).toBeLessThan(2 * share * ACCOUNT_CALLS + (scans.length / 2 + 1) * FETCHED_CALLS);
    // The coordinator looks an assistant up once per page, or once per call if it expects few calls.
    const lookups = plans.flatMap(nodes).filter((node) => node['Relation Name'] === 'assistants');
    expect(lookups.length).toBeLessThan(LOOKUPS_MAX);
  }

  it.each(['fast', 'immediate'] as const)(
    'completes an export after a restart of its shard, without affecting the other shard (%s)',
    async (mode) => {
      const [shard] = sharded.shards;
      const running = await curl(accounts[0]).begin();
      shard.stop(mode);
      const stopped = performance.now();
      let finished: Promise<CurlResult>;
      try {
        finished = running.finish();
        expect(await curl(accounts[1]).finish()).toEqual(complete[1]);
        expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
        // 503 rather than an empty file.
        const refused = await fetch(`${api.url}${PATH}`, { headers: bearer(accounts[0]) });
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
        await sleep(Math.max(RESTART_MS - (performance.now() - stopped), 0));
      } finally {
        shard.start();
      }
      expect(await finished).toEqual(complete[0]);
      expect(api.program.output).toContain('Retrying a page after: ');
      figure(
        `A shard is stopped during an export (\`${mode}\`), and started ${RESTART_MS / 1000} s later`,
        "the file is complete; exports of the other shard's accounts are not affected; " +
          'new ones of its own get 503',
      );
    },
    TIMEOUT_MS,
  );

  it(
    'resets the connection if a shard stays down for longer than EXPORT_RETRY_TIMEOUT',
    async () => {
      const [shard] = sharded.shards;
      const running = await curl(accounts[0]).begin();
      shard.stop('immediate');
      try {
        const { exitCode, bytes } = await running.finish();
        expect(exitCode).toBe(RECEIVE_ERROR);
        expect(bytes).toBeLessThan(complete[0].bytes);
      } finally {
        shard.start();
      }
      expect(await curl(accounts[0]).finish()).toEqual(complete[0]);
      figure(
        `A shard stays down for longer than EXPORT_RETRY_TIMEOUT (${RETRY_SECONDS} s)`,
        `\`curl\` exits with ${RECEIVE_ERROR}; new exports are complete as soon as it is back`,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'completes an export after a restart of the coordinator',
    async () => {
      const running = await curl(accounts[1]).begin();
      sharded.coordinator.stop('immediate');
      const finished = running.finish();
      sharded.coordinator.start();
      expect(await finished).toEqual(complete[1]);
    },
    TIMEOUT_MS,
  );
});
