import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/data-source-options';
import { PostgresCluster } from './postgres-cluster';
import { example } from './proxy';

/** Makes a server log the plan and the row counts of each statement in new sessions, by auto_explain. */
const EXPLAIN = Object.entries({
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
})
  .map(([name, value]) => `ALTER DATABASE postgres SET ${name} = '${value}'`)
  .join(';');

/** A plan as `auto_explain` logs it. */
export interface LoggedPlan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: LoggedPlan[];
}

/** A PostgreSQL coordinator with two shards, each with the calls of some accounts, as in the example. */
export class ShardedPostgres {
  private constructor(
    readonly coordinator: PostgresCluster,
    readonly shards: readonly [PostgresCluster, PostgresCluster],
  ) {}

  /**
   * @param started receives each server as soon as it runs, so that the caller can remove it after a failure.
   * @param fill adds the rows before the tables are analyzed.
   */
  static async create(
    started: PostgresCluster[],
    fill: (url: string) => Promise<void>,
  ): Promise<ShardedPostgres> {
    const start = async () => {
      const cluster = await PostgresCluster.create({}, '-c fsync=off');
      started.push(cluster);
      return cluster;
    };
    const coordinator = await start();
    const shards = [await start(), await start()] as const;
    for (const { url } of shards) await migrate(url);
    const sql = example('postgres-sharded/coordinator.sql', {
      "host 'shard-1.example.com', port '5432', dbname 'calls'": address(shards[0]),
      "host 'shard-2.example.com', port '5432', dbname 'calls'": address(shards[1]),
      "(user 'calls', password 'secret')": "(user 'postgres')",
    });
    const [analyze] = /^ANALYZE .*;$/m.exec(sql) as RegExpExecArray;
    await run(coordinator.url, sql.replace(analyze, ''));
    await fill(coordinator.url);
    await run(coordinator.url, analyze);
    for (const { url } of shards) {
      await run(url, 'VACUUM ANALYZE');
      await run(url, EXPLAIN);
    }
    return new ShardedPostgres(coordinator, shards);
  }

  /** @returns the shard that has the calls of an account. */
  async shardOf(accountId: number): Promise<0 | 1> {
    const [row] = await run(
      this.coordinator.url,
      `SELECT tableoid::regclass::text AS name FROM calls WHERE account_id = ${accountId} LIMIT 1`,
    );
    return row?.['name'] === 'calls_1' ? 0 : 1;
  }

  /** @returns the plans that each shard has logged since `before`, which `logs()` returned. */
  plansSince(before: readonly string[]): [LoggedPlan[], LoggedPlan[]] {
    const plans = ({ log }: PostgresCluster, index: number) =>
      [...log.slice(before[index]?.length).matchAll(/plan:\n((?:\t.*\n)+)/g)].map(
        ([, json = '']) => (JSON.parse(json) as { Plan: LoggedPlan }).Plan,
      );
    return this.shards.map(plans) as [LoggedPlan[], LoggedPlan[]];
  }

  logs(): string[] {
    return this.shards.map(({ log }) => log);
  }
}

/** Creates the tables of the API. */
export async function migrate(url: string): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
  await dataSource.runMigrations().finally(() => dataSource.destroy());
}

/** Runs statements. @returns the rows, if there is only one statement. */
export async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  await client.connect();
  return client
    .query(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

function address({ port }: PostgresCluster): string {
  return `host '127.0.0.1', port '${port}', dbname 'postgres'`;
}
