import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedCalls } from '@calls/seed-calls';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/data-source-options';
import { LISTENING, Program } from '../program';
import { SECRET } from '../start-api';
import { PostgresCluster } from './postgres-cluster';

const PROBE = resolve(__dirname, '../../../../tools/bench/probe.mjs');
/** `pg` closes connections that have been idle for 10 seconds. */
const POOL_IDLE_SECONDS = 20;
const UNLIMITED = String(1e9);

/** The resource usage of the process since the last sample. */
export interface Usage {
  readonly rssMegabytes: number;
  readonly peakMegabytes: number;
  readonly heapMegabytes: number;
  readonly delayP99Ms: number;
  /** What keeps the event loop alive: sockets, timers, requests. */
  readonly resources: Record<string, number>;
}

/** The fields of a log line that the tests check. */
export interface Complaint {
  readonly level: string;
  readonly export?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly requestId?: string;
}

/** The built API as a process with its own PostgreSQL server. Reports its memory and event loop delay. */
export class MeasuredApi {
  private constructor(
    readonly cluster: PostgresCluster,
    readonly dataSource: DataSource,
    readonly program: Program,
    readonly url: string,
    readonly replica?: PostgresCluster,
  ) {}

  /**
   * @param accounts how many accounts to create, each with `calls` calls.
   * @param onReplica whether to export from a replica.
   * @param nodeOptions command line options of Node.js.
   */
  static async start(
    accounts: number,
    calls: number,
    settings: NodeJS.ProcessEnv = {},
    onReplica = false,
    nodeOptions: readonly string[] = [],
  ): Promise<MeasuredApi> {
    const cluster = await PostgresCluster.create();
    const dataSource = await new DataSource({
      ...dataSourceOptions(cluster.url),
      applicationName: 'the test',
      // The tests stop the server.
      poolErrorHandler: () => {},
    }).initialize();
    await dataSource.runMigrations();
    for (let account = 1; account <= accounts; account++)
      await seedCalls(dataSource, account, calls);
    const replica = onReplica ? await cluster.replica() : undefined;
    const environment = {
      PORT: '0',
      DATABASE_READ_URL: replica?.url,
      DATABASE_URL: cluster.url,
      JWT_SECRET: SECRET,
      NODE_ENV: 'production',
      RATE_LIMIT_PER_ADDRESS: UNLIMITED,
      RATE_LIMIT_PER_ACCOUNT: UNLIMITED,
      ...settings,
    };
    const program = new Program(
      'main',
      environment,
      tmpdir(),
      [],
      ['--expose-gc', '--import', PROBE, ...nodeOptions],
    );
    const url = await program.printed(LISTENING);
    return new MeasuredApi(cluster, dataSource, program, url, replica);
  }

  exportUrl(query = ''): string {
    return `${this.url}/api/v1/calls/export?${query}`;
  }

  /** The output after the offset `from`, except log lines of the level `log`. */
  complaints(from = 0): Complaint[] {
    const lines = this.program.output.slice(from).split('\n').filter(Boolean);
    return lines
      .map((line) => (line.startsWith('{') ? JSON.parse(line) : { level: 'error', message: line }))
      .filter(({ level }) => level !== 'log');
  }

  async usage(): Promise<Usage> {
    const response = once(this.program.child, 'message');
    this.program.child.send('usage');
    return (await response)[0];
  }

  /** Counts the API's database connections, and the active ones among them. */
  async connections(): Promise<{ open: number; active: number }> {
    const [counts] = await this.dataSource.query(
      `SELECT count(*)::int AS open, count(*) FILTER (WHERE state <> 'idle')::int AS active
       FROM pg_stat_activity WHERE application_name = 'calls-export'`,
    );
    return counts;
  }

  /** Waits until all sockets are closed, at most until the pool's idle connections must have timed out. */
  async atRest(): Promise<Usage> {
    for (let seconds = 0; seconds < POOL_IDLE_SECONDS; seconds++) {
      if (!(await this.usage()).resources['TCPSocketWrap']) break;
      await sleep(1000);
    }
    return this.usage();
  }

  async stop(): Promise<void> {
    if (this.program.child.exitCode === null) await this.program.stop('SIGKILL');
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
    this.replica?.remove();
    this.cluster.remove();
  }
}

export function megabytes(usage: Usage): string {
  return `${Math.round(usage.rssMegabytes)} MB`;
}
