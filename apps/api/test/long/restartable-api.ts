import { tmpdir } from 'node:os';
import { seedCalls } from '@calls/seed-calls';
import { freePort } from '@calls/testing';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/data-source-options';
import { LISTENING, Program } from '../program';
import { SECRET } from '../start-api';
import { PostgresCluster } from './postgres-cluster';

const UNLIMITED = String(1e9);

/** The log line of a finished export. */
interface AuditLine {
  readonly requestId: string;
  readonly export: string;
  readonly rows: number;
}

/** The built API with its own PostgreSQL server. It keeps its port across restarts. */
export class RestartableApi {
  private program?: Program;

  private constructor(
    readonly cluster: PostgresCluster,
    readonly dataSource: DataSource,
    readonly port: number,
  ) {}

  /** @param calls how many calls account 1 has. */
  static async create(calls: number): Promise<RestartableApi> {
    const cluster = await PostgresCluster.create();
    const dataSource = await new DataSource({
      ...dataSourceOptions(cluster.url),
      applicationName: 'the test',
      // The tests stop the server.
      poolErrorHandler: () => {},
    }).initialize();
    await dataSource.runMigrations();
    await seedCalls(dataSource, 1, calls);
    return new RestartableApi(cluster, dataSource, await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(settings: NodeJS.ProcessEnv = {}): Promise<void> {
    const environment = {
      PORT: String(this.port),
      DATABASE_URL: this.cluster.url,
      JWT_SECRET: SECRET,
      NODE_ENV: 'production',
      TRUST_PROXY: '1',
      RATE_LIMIT_PER_ADDRESS: UNLIMITED,
      RATE_LIMIT_PER_ACCOUNT: UNLIMITED,
      EXPORT_RETRY_TIMEOUT: '1',
      ...settings,
    };
    this.program = new Program('main', environment, tmpdir());
    await this.program.printed(LISTENING);
  }

  /** Sends SIGKILL, so that the operating system closes the connections. */
  async kill(): Promise<void> {
    await this.program?.stop('SIGKILL');
  }

  /** @returns the log line of an export by its request ID, or undefined while it runs. */
  lineOf(id: string): AuditLine | undefined {
    const lines = this.program?.output.split('\n').filter((line) => line.startsWith('{')) ?? [];
    return lines
      .map((line) => JSON.parse(line))
      .find((line) => 'export' in line && line.requestId === id);
  }

  async remove(): Promise<void> {
    await this.kill();
    await this.dataSource.destroy();
    this.cluster.remove();
  }
}
