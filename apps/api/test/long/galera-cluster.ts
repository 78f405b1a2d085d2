import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, SEARCH_PATH, until } from '@calls/testing';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

const PROVIDER = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so'].find(
  existsSync,
);

/** The requirement for `describeWith`. */
export const GALERA = { name: 'galera-4', isInstalled: () => PROVIDER !== undefined };

const STARTS_WITHIN_MS = 40_000;
const env = { ...process.env, PATH: SEARCH_PATH };

/** Keeps the servers small. */
const SETTINGS = [
  'bind-address=127.0.0.1',
  'binlog-format=ROW',
  'innodb-autoinc-lock-mode=2',
  'innodb-buffer-pool-size=64M',
  'innodb-log-file-size=32M',
  'innodb-flush-log-at-trx-commit=0',
];
/** Makes the cluster notice quickly that a node is gone. */
const EVICTION = [
  'evs.keepalive_period=PT0.3S',
  'evs.suspect_timeout=PT1.5S',
  'evs.inactive_timeout=PT3S',
  'evs.inactive_check_period=PT0.3S',
];

/** A MariaDB server for one suite, alone or as a node of a Galera cluster. */
export class MariadbNode {
  private static readonly running = new Set<MariadbNode>();

  private constructor(
    readonly port: number,
    readonly groupPort: number,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {
    MariadbNode.running.add(this);
  }

  /** Starts a server outside a cluster. */
  static alone(): Promise<MariadbNode> {
    return MariadbNode.start(() => []);
  }

  /** @param others the nodes of the cluster to join. Empty for the first one. */
  static async inCluster(others: readonly MariadbNode[]): Promise<MariadbNode> {
    const [transfer, increments] = [await freePort(), await freePort()];
    const address = others.map(({ groupPort }) => `127.0.0.1:${groupPort}`).join(',');
    const node = await MariadbNode.start(
      (groupPort) => [
        'wsrep-on=ON',
        `wsrep-provider=${PROVIDER}`,
        'wsrep-cluster-name=calls',
        `wsrep-cluster-address=gcomm://${address}`,
        'wsrep-node-address=127.0.0.1',
        'wsrep-sst-method=rsync',
        `wsrep-sst-receive-address=127.0.0.1:${transfer}`,
        `wsrep-provider-options=${[
          'gcache.size=16M',
          `base_port=${groupPort}`,
          `gmcast.listen_addr=tcp://127.0.0.1:${groupPort}`,
          `ist.recv_addr=127.0.0.1:${increments}`,
          ...EVICTION,
        ].join(';')}`,
      ],
      others.length === 0,
    );
    await until(async () => {
      const status = await node.status('wsrep_local_state_comment').catch(() => '');
      if (node.child.exitCode !== null)
        throw new Error(`The node did not join the cluster:\n${node.log()}`);
      return status === 'Synced';
    }, STARTS_WITHIN_MS);
    return node;
  }

  private static async start(
    settings: (groupPort: number) => string[],
    isFirst = true,
  ): Promise<MariadbNode> {
    const [port, groupPort] = [await freePort(), await freePort()];
    const directory = mkdtempSync(join(tmpdir(), 'mariadb-'));
    const data = join(directory, 'data');
    mkdirSync(data);
    const user = mysqlUser();
    if (user) for (const path of [directory, data]) chownSync(path, user.uid, user.gid);
    // A node that joins receives its files from another one.
    if (isFirst) {
      const install = ['--skip-test-db', '--auth-root-authentication-method=normal'];
      const options = { env, stdio: 'ignore', ...user } as const;
      execFileSync(
        'mariadb-install-db',
        ['--no-defaults', `--datadir=${data}`, ...install],
        options,
      );
    }
    const all = [
      ...SETTINGS,
      ...settings(groupPort),
      `datadir=${data}`,
      `port=${port}`,
      `socket=${join(directory, 'socket')}`,
      `pid-file=${join(directory, 'pid')}`,
      `log-error=${join(directory, 'error.log')}`,
    ];
    const args = ['--no-defaults', ...all.map((setting) => `--${setting}`)];
    const child = spawn('mariadbd', args, { env, stdio: 'ignore', ...user });
    const node = new MariadbNode(port, groupPort, directory, child);
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`MariaDB did not start:\n${node.log()}`);
      return node.query('SELECT 1').then(
        () => true,
        () => false,
      );
    }, STARTS_WITHIN_MS);
    return node;
  }

  static removeAll(): void {
    for (const node of MariadbNode.running) {
      node.child.kill('SIGKILL');
      rmSync(node.directory, { recursive: true, force: true });
    }
    MariadbNode.running.clear();
  }

  url(port = this.port): string {
    return `mysql://root@127.0.0.1:${port}/calls`;
  }

  async query(...statements: string[]): Promise<RowDataPacket[]> {
    const connection = await createConnection({
      host: '127.0.0.1',
      port: this.port,
      user: 'root',
      multipleStatements: true,
    });
    try {
      return (await connection.query<RowDataPacket[]>(statements.join(';')))[0];
    } finally {
      connection.destroy();
    }
  }

  async status(name: string): Promise<string | undefined> {
    const [row] = await this.query(`SHOW STATUS LIKE '${name}'`);
    return row?.['Value'];
  }

  /** Stops applying the writes of other nodes, without blocking them. @returns a function that catches up. */
  async lag(): Promise<() => Promise<void>> {
    const connection = await createConnection({ host: '127.0.0.1', port: this.port, user: 'root' });
    await connection.query('SET GLOBAL wsrep_desync = ON');
    await connection.query('FLUSH TABLES WITH READ LOCK');
    return async () => {
      await connection.query('UNLOCK TABLES');
      await connection.query('SET GLOBAL wsrep_desync = OFF');
      await connection.end();
    };
  }

  /** Simulates a network failure between the node and the others. */
  async isolate(isIsolated: boolean): Promise<void> {
    await this.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=${isIsolated ? 1 : 0}'`);
  }

  /** Sends SIGKILL. */
  async kill(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  private log(): string {
    const file = join(this.directory, 'error.log');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-30).join('\n') : '';
  }
}

/** MariaDB and rsync refuse to run as root here. */
function mysqlUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string) => Number(execFileSync('id', [option, 'mysql']).toString());
  return { uid: id('-u'), gid: id('-g') };
}
