// @needs mariadbd, rsync, haproxy, the Galera provider
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort, until } from '@calls/testing';
import { type CurlResult, RECEIVE_ERROR } from '../curl';
import { figure } from './figures';
import { MariadbNode } from './galera-cluster';
import { createTables, MariadbHost } from './mariadb-host';
import { example, Proxy } from './proxy';

const CALLS = 40_000;
/** How many calls are added while a node lags behind. */
const LATE_CALLS = 10_000;
const RETRY_SECONDS = 10;
const TIMEOUT_MS = 240_000;

/**
 * Adds calls of account 1. Long assistant names make the file exceed all buffers between the app and curl.
 */
const calls = (first: number, last: number) => `
  INSERT INTO calls.calls (id, account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
  SELECT seq, 1, CONCAT('CA', MD5(seq)), IF(seq % 7 > 0, 1 + seq % 3, NULL), CONCAT('+1', 2000000000 + seq),
    IF(seq % 5 = 0, 'busy', 'completed'), IF(seq % 13 > 0, seq % 900, NULL),
    IF(seq % 17 > 0, '2026-01-01' + INTERVAL seq DIV 3 MINUTE, NULL), IF(seq % 19 > 0, '2026-01-01' + INTERVAL seq MINUTE, NULL)
  FROM calls.seq_${first}_to_${last}`;
const ASSISTANTS = `
  INSERT INTO calls.assistants (id, account_id, name)
  SELECT seq, 1, CONCAT('Assistant ', seq, REPEAT(' and more', 30)) FROM calls.seq_1_to_3`;

describe('On a MariaDB Galera cluster', () => {
  let alone: MariadbNode;
  let nodes: [MariadbNode, MariadbNode, MariadbNode];
  let directory: string;
  let proxyPort: number;
  let complete: CurlResult;
  const hosts: MariadbHost[] = [];

  async function hostOf(url: string): Promise<MariadbHost> {
    const host = await MariadbHost.start(url, RETRY_SECONDS);
    hosts.push(host);
    return host;
  }

  /** Applies to new sessions. */
  const setSyncWait = async (value: 0 | 1) => {
    for (const node of nodes) await node.query(`SET GLOBAL wsrep_sync_wait = ${value}`);
  };

  beforeAll(async () => {
    let first: MariadbNode;
    [alone, first] = await Promise.all([MariadbNode.alone(), MariadbNode.inCluster([])]);
    const second = await MariadbNode.inCluster([first]);
    nodes = [first, second, await MariadbNode.inCluster([first, second])];
    for (const node of [alone, first]) {
      await createTables(node);
      await node.query(ASSISTANTS, calls(1, CALLS / 2), calls(CALLS / 2 + 1, CALLS));
    }
    directory = mkdtempSync(join(tmpdir(), 'haproxy-socket-'));
    proxyPort = await freePort();
    const address = `127.0.0.1:${proxyPort}`;
    const configuration = example('haproxy/galera.cfg', {
      '/run/haproxy/admin.sock': join(directory, 'admin'),
      '127.0.0.1:3306': address,
      ...Object.fromEntries(
        nodes.map(({ port }, index) => [`node${index + 1}.example.com:3306`, `127.0.0.1:${port}`]),
      ),
    });
    await Proxy.haproxy(configuration, address);
  }, TIMEOUT_MS);

  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
  }, TIMEOUT_MS);

  afterAll(() => {
    Proxy.killAll();
    MariadbNode.removeAll();
    if (directory) rmSync(directory, { recursive: true });
  }, TIMEOUT_MS);

  /** Tells HAProxy to send connections to another node, as it does by itself if the first one is gone. */
  async function admin(command: string): Promise<string> {
    const socket = connect(join(directory, 'admin'));
    socket.write(`${command}\n`);
    return text(socket);
  }

  const through = () => nodes[0].url(proxyPort);

  it(
    'an app exports the same bytes from each node as from a single server',
    async () => {
      await setSyncWait(1);
      const queries = [
        '',
        'status=busy&format=json',
        'date_from=2026-01-03&date_to=2026-01-09&assistant_id=2',
        `date_from=2026-01-03&after=${CALLS / 2}&format=ndjson`,
      ];
      const single = await hostOf(alone.url());
      const members = [];
      for (const node of nodes) members.push(await hostOf(node.url()));
      for (const query of queries) {
        const expected = await single.curl(query).finish();
        expect(expected.exitCode).toBe(0);
        for (const member of members) expect(await member.curl(query).finish()).toEqual(expected);
      }
      complete = await single.curl().finish();
      expect(complete.bytes).toBeGreaterThan(300 * CALLS);
    },
    TIMEOUT_MS,
  );

  it(
    'new calls get higher IDs than existing ones, whichever node they are written to',
    async () => {
      const ids: number[] = [];
      for (const node of [nodes[1], nodes[0], nodes[2], nodes[1]]) {
        await node.query('SET SESSION wsrep_sync_wait = 7', 'SELECT 1');
        const [, { insertId }] = (await node.query(
          'SET SESSION wsrep_sync_wait = 7',
          `INSERT INTO calls.calls (account_id, call_sid, status) VALUES (2, UUID(), 'queued')`,
        )) as unknown as [unknown, { insertId: number }];
        ids.push(insertId);
      }
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
      expect(ids[0]).toBeGreaterThan(CALLS);
      await nodes[0].query('DELETE FROM calls.calls WHERE account_id = 2');
    },
    TIMEOUT_MS,
  );

  /** Exports from the first node, then from the second one, which lags behind at first. */
  async function exportAcrossNodes(): Promise<CurlResult> {
    const catchUp = await nodes[1].lag();
    const host = await hostOf(through());
    let finished: Promise<CurlResult> | undefined;
    try {
      await nodes[0].query(calls(CALLS + 1, CALLS + LATE_CALLS));
      const running = await host.curl().begin();
      await admin('set server galera/node1 state maint');
      await admin('shutdown sessions server galera/node1');
      finished = running.finish();
      // Enough for the export to finish if it does not wait for the node.
      await Promise.race([finished, new Promise((late) => setTimeout(late, 3_000))]);
    } finally {
      await catchUp();
      await admin('set server galera/node1 state ready');
    }
    const result = await finished;
    return result as CurlResult;
  }

  it.each([
    [0, 'lacks the calls that a lagging node does not have yet'],
    [1, 'is complete'],
  ] as const)(
    'an export that moves to another node, with wsrep_sync_wait = %s, %s',
    async (wait, _outcome) => {
      await setSyncWait(wait);
      const result = await exportAcrossNodes();
      const withLateCalls = await (await hostOf(nodes[0].url())).curl().finish();
      await nodes[0].query(`DELETE FROM calls.calls WHERE id > ${CALLS}`);
      expect(result.exitCode).toBe(0);
      expect(result).toEqual(wait === 1 ? withLateCalls : complete);
      figure(
        `An export moves to a Galera node that lags behind, with \`wsrep_sync_wait = ${wait}\``,
        wait === 1
          ? 'the file is complete'
          : 'the file lacks the calls that the node does not have yet',
      );
    },
    TIMEOUT_MS,
  );

  it(
    'an export is complete although its node is killed',
    async () => {
      const host = await hostOf(through());
      const running = await host.curl().begin();
      await nodes[0].kill();
      const killed = performance.now();
      expect(await running.finish()).toEqual(complete);
      const seconds = ((performance.now() - killed) / 1000).toFixed(1);
      expect(await host.curl().finish()).toEqual(complete);
      figure(
        'SIGKILL of the Galera node that an export reads from, behind HAProxy',
        `the file is complete, after ${seconds} s`,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'an export waits for an isolated node, and resets the connection after retryTimeout',
    async () => {
      const [, node] = nodes;
      const host = await hostOf(node.url());
      const isReady = (value: string) =>
        until(async () => (await node.status('wsrep_ready')) === value, TIMEOUT_MS);

      const waiting = await host.curl().begin();
      await node.isolate(true);
      await isReady('OFF');
      const finished = waiting.finish();
      await expect(node.query('SELECT COUNT(*) FROM calls.calls')).rejects.toMatchObject({
        code: 'ER_UNKNOWN_COM_ERROR',
        sqlState: '08S01',
      });
      expect((await fetch(host.url)).status).toBe(503);
      await node.isolate(false);
      expect(await finished).toEqual(complete);

      const losing = await host.curl().begin();
      await node.isolate(true);
      await isReady('OFF');
      const { exitCode, bytes } = await losing.finish();
      expect(exitCode).toBe(RECEIVE_ERROR);
      expect(bytes).toBeLessThan(complete.bytes);
      await node.isolate(false);
      await isReady('ON');
      expect(await host.curl().finish()).toEqual(complete);
      figure(
        'A Galera node is cut off from the others, and so has no quorum',
        `the export waits until EXPORT_RETRY_TIMEOUT, then \`curl\` exits with ${RECEIVE_ERROR}; ` +
          'new exports get 503 in the meantime',
      );
    },
    TIMEOUT_MS,
  );
});
