import { Assistant, type Call } from '@calls/data-access';
import type { PoolClient } from 'pg';
import type { ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm';
import type { CallKey, CallRange, CallsQuery } from './calls-query';
import type { CallsReader } from './calls-reader';
import { CopyRows } from './copy-rows';
import { type AssistantNames, copyCalls } from './copy-sql';
import type { ExportFormat } from './export-format';
import { FRAMES } from './file-frames';

/**
 * For the statement that follows in the same message, which is one transaction with it (PostgreSQL's protocol, "Multiple
 * Statements in a Simple Query"). An index gives a range in its order, whatever the statistics say: on a table that
 * was not analyzed yet the planner would else sort the whole account, page after page.
 */
const SETTINGS = `
  SET LOCAL enable_sort = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL jit = off;
  SET LOCAL DateStyle = 'ISO';`;

/** Reads the calls from PostgreSQL, which encodes them itself. */
export class CopyReader implements CallsReader {
  private readonly assistants: AssistantNames;
  private readonly separator: Buffer;
  private pageBytes = 64 * 1024;

  constructor(
    private readonly calls: Repository<Call>,
    private readonly query: CallsQuery,
    private readonly format: ExportFormat,
  ) {
    this.assistants = assistantNames(calls);
    this.separator = Buffer.from(FRAMES[format].separator);
  }

  lastKey(after: CallKey | undefined, count: number): Promise<CallKey | undefined> {
    return this.withClient(async (client) => {
      const statement = inline(this.query.lastKey(after, count), client);
      // A result for each of the statements, which the types do not know of.
      const results = (await client.query(SETTINGS + statement)) as unknown as {
        rows: CallKey[];
      }[];
      return results.at(-1)?.rows[0];
    });
  }

  async read(range: CallRange): Promise<Buffer> {
    const text = await this.withClient((client) => {
      const calls = this.query
        .matches(range)
        .select('call.id', 'id')
        .addSelect('call.accountId', 'account_id')
        .addSelect('call.callSid', 'call_sid')
        .addSelect('call.assistantId', 'assistant_id')
        .addSelect('call.customerPhoneNumber', 'customer_phone_number')
        .addSelect('call.status', 'status')
        .addSelect('call.duration', 'duration')
        .addSelect('call.startedAt', 'started_at')
        .addSelect('call.endedAt', 'ended_at');
      const copy = copyCalls(this.format, inline(calls, client), this.assistants);
      return client.query(new CopyRows(SETTINGS + copy, this.separator, this.pageBytes)).text;
    });
    // Pages differ a little; the next one shall fit without being moved.
    this.pageBytes = Math.max(this.pageBytes, Math.ceil(1.1 * text.length));
    return text;
  }

  /** A connection of the pool, for as long as the database needs to answer. */
  private async withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const runner = this.calls.manager.dataSource.createQueryRunner('slave');
    try {
      return await work(await runner.connect());
    } finally {
      await runner.release();
    }
  }
}

function assistantNames({ manager }: Repository<Call>): AssistantNames {
  const { metadata } = manager.getRepository(Assistant);
  const { driver } = manager.dataSource;
  const column = (property: keyof Assistant) => {
    const { databaseName = property } = metadata.findColumnWithPropertyName(property) ?? {};
    return driver.escape(databaseName);
  };
  return {
    table: metadata.tablePath
      .split('.')
      .map((name) => driver.escape(name))
      .join('.'),
    id: column('id'),
    accountId: column('accountId'),
    name: column('name'),
  };
}

/** The query as text, since COPY takes no parameters: their values are literals, escaped by the driver. */
function inline(query: SelectQueryBuilder<ObjectLiteral>, client: PoolClient): string {
  const [sql, parameters] = query.getQueryAndParameters();
  return sql.replace(/\$(\d+)/g, (_, number) =>
    client.escapeLiteral(String(parameters[Number(number) - 1])),
  );
}
