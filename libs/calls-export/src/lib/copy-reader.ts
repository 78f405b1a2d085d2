import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { AssistantField, CallsEntities } from './calls-entities';
import type { ResolvedOptions } from './calls-export-options';
import type { CallKey, CallRange, CallsQuery } from './calls-query';
import { type CallsReader, type EncodedCalls, PageTooLargeError } from './calls-reader';
import { type PgClient, withConnection } from './connection';
import { CopyRows, MAX_PAGE_BYTES } from './copy-rows';
import { type AssistantNames, copyCalls, unexportableCall } from './copy-sql';
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
  SET LOCAL TimeZone = 'UTC';
  SET LOCAL DateStyle = 'ISO';`;

/** Reads the calls from PostgreSQL, which encodes them itself. */
export class CopyReader implements CallsReader {
  private readonly assistants: AssistantNames;
  private readonly separator: Buffer;
  private pageBytes = 64 * 1024;

  constructor(
    private readonly query: CallsQuery,
    private readonly format: ExportFormat,
    private readonly options: ResolvedOptions,
  ) {
    this.assistants = assistantNames(query.entities);
    this.separator = Buffer.from(FRAMES[format].separator);
  }

  lastKey(after: CallKey | undefined, count: number, to?: CallKey): Promise<CallKey | undefined> {
    return this.withClient(async (client) => {
      const statement = inline(this.query.lastKey(after, count, to), client);
      const results = await client.query<CallKey>(SETTINGS + statement);
      return results.at(-1)?.rows[0];
    });
  }

  async read(range: CallRange): Promise<EncodedCalls> {
    const encoded = await this.withClient(async (client) => {
      const calls = inline(this.query.matches(range), client);
      const copy = copyCalls(this.format, calls, this.assistants, this.options.formulaGuard);
      const rows = new CopyRows(SETTINGS + copy, this.separator, this.pageBytes);
      try {
        client.query(rows);
        return await rows.calls;
      } catch (error) {
        // The rest of the rows is on its way; to close the connection is the one way to stop them.
        if (error instanceof PageTooLargeError) void client.end();
        throw unexportableCall(error) ?? error;
      }
    });
    // Pages differ a little; the next one shall fit without being moved.
    this.pageBytes = Math.min(
      Math.max(this.pageBytes, Math.ceil(1.1 * encoded.text.length)),
      MAX_PAGE_BYTES,
    );
    return encoded;
  }

  private withClient<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    return withConnection(this.query.entities.dataSource, (_, connection) =>
      work(connection as PgClient),
    );
  }
}

function assistantNames({ dataSource, assistants }: CallsEntities): AssistantNames {
  const escape = (name: string) => dataSource.driver.escape(name);
  const column = (field: AssistantField) => escape(assistants.column(field).databaseName);
  return {
    table: assistants.repository.metadata.tablePath.split('.').map(escape).join('.'),
    id: column('id'),
    accountId: column('accountId'),
    name: column('name'),
  };
}

/** The query as text, since COPY takes no parameters: their values are literals, escaped by the driver. */
function inline(query: SelectQueryBuilder<ObjectLiteral>, client: PgClient): string {
  const [sql, parameters] = query.getQueryAndParameters();
  return sql.replace(/\$(\d+)/g, (_, number) =>
    client.escapeLiteral(String(parameters[Number(number) - 1])),
  );
}
