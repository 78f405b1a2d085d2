import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { CallsEntities } from '../src/lib/entities/calls-entities';
import type { ColumnFacts } from '../src/lib/reading/dialects/dialect';
import { assistantsSchema, callsSchema, type Columns, type DatabaseType } from './find/entities';

/** How a host differs from one with integer keys and growing ids. */
export interface OtherHost {
  readonly calls?: Columns;
  readonly assistants?: Columns | false;
  readonly properties?: { readonly createdAt?: string; readonly assistantId?: string };
  readonly indices?: { readonly columns: string[]; readonly name: string }[];
  readonly idsGrow?: boolean;
  readonly orderBy?: Readonly<Record<string, 'ASC' | 'DESC'>>;
}

/** A DataSource that knows its entities but does not connect: enough to build statements. */
class Unconnected extends DataSource {
  override async initialize(): Promise<this> {
    await this.buildMetadatas();
    return this;
  }
}

/**
 * The entities of a host. On `sqljs` they have a database with their tables; otherwise there is no
 * connection.
 */
export async function entitiesOn(
  type: DatabaseType,
  { calls, assistants = {}, indices, orderBy, properties, idsGrow }: OtherHost = {},
): Promise<CallsEntities> {
  const call = callsSchema(type, calls, { tableName: 'calls', indices, orderBy });
  const assistant = assistants && assistantsSchema(type, assistants, { tableName: 'assistants' });
  const options = {
    type,
    ...(type === 'sqljs' ? { synchronize: true } : { database: 'calls' }),
    entities: assistant ? [call, assistant] : [call],
  } as DataSourceOptions;
  const dataSource = await new (type === 'sqljs' ? DataSource : Unconnected)(options).initialize();
  return new CallsEntities(
    dataSource,
    new Map(),
    { entity: call, properties, idsGrow },
    assistant && { entity: assistant },
  );
}

/** A statement and its parameters. */
export type Statement = readonly [sql: string, parameters?: readonly unknown[]];

/** A statement with its values inlined and its identifiers unquoted. */
export function told([sql, parameters = []]: Statement): string {
  let last = 0;
  const text = (value: unknown) =>
    typeof value === 'string' ? `'${value}'` : String(value as number | bigint | boolean);
  return sql
    .replace(/["`]/g, '')
    .replace(/\$(\d+)|\?/g, (_, number) => text(parameters[Number(number ?? ++last) - 1]));
}

/** A connection that returns these results in order (rows, or an error), and no rows after that. */
export function answering(...answers: readonly (object[] | Error)[]) {
  const statements: string[] = [];
  const query = async (...statement: Statement) => {
    const answer = answers[statements.length] ?? [];
    statements.push(told(statement));
    if (answer instanceof Error) throw answer;
    return { records: answer };
  };
  return { runner: { query } as unknown as QueryRunner, statements };
}

/** Columns that the database compares exactly and that store instants. */
export const EXACT: ColumnFacts = { equality: () => 'exact', clock: () => undefined };
/** Columns whose `=` treats some different texts as equal. */
export const LOOSE: ColumnFacts = { equality: () => 'loose', clock: () => undefined };
