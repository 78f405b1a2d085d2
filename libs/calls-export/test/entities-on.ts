import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { CallsEntities } from '../src/lib/entities/calls-entities';
import type { ColumnFacts } from '../src/lib/reading/dialects/dialect';
import { assistantsSchema, callsSchema, type Columns, type DatabaseType } from './find/entities';

/** What differs from a host whose keys are integers and whose ids grow. */
export interface OtherHost {
  readonly calls?: Columns;
  readonly assistants?: Columns | false;
  readonly properties?: { readonly createdAt?: string; readonly assistantId?: string };
  readonly indices?: { readonly columns: string[]; readonly name: string }[];
  readonly idsGrow?: boolean;
  readonly orderBy?: Readonly<Record<string, 'ASC' | 'DESC'>>;
}

/** A DataSource that knows its entities without a connection, for the text of statements. */
class Unconnected extends DataSource {
  override async initialize(): Promise<this> {
    await this.buildMetadatas();
    return this;
  }
}

/** The entities of a host. Those on `sqljs` have a database, with their tables; others are not connected. */
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

/** A statement with its values in their places, and without the quotes of names. */
export function told([sql, parameters = []]: Statement): string {
  let last = 0;
  const text = (value: unknown) =>
    typeof value === 'string' ? `'${value}'` : String(value as number | bigint | boolean);
  return sql
    .replace(/["`]/g, '')
    .replace(/\$(\d+)|\?/g, (_, number) => text(parameters[Number(number ?? ++last) - 1]));
}

/** A connection that gives these answers in turn, rows or an error, and no rows from then on. */
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

/** Columns that the database compares exactly, and that keep instants. */
export const EXACT: ColumnFacts = { equality: () => 'exact', clock: () => undefined };
/** Columns of which `=` takes other texts for the same. */
export const LOOSE: ColumnFacts = { equality: () => 'loose', clock: () => undefined };
