import {
  type DataSourceOptions,
  EntitySchema,
  type EntitySchemaColumnOptions,
  type EntitySchemaOptions,
} from 'typeorm';
import type { AssistantField, CallsExportColumn, MappedCalls, MappedEntity } from '../../src';

export type DatabaseType = 'postgres' | 'mariadb' | 'sqljs';
export type Columns = Readonly<Record<string, Partial<EntitySchemaColumnOptions>>>;

/** The module options that map the entities of a host app. */
export interface HostEntities {
  readonly calls: MappedCalls;
  readonly assistants: MappedEntity<AssistantField>;
  /** Default: the standard columns. */
  readonly columns?: readonly CallsExportColumn[];
  readonly views?: Readonly<Record<string, readonly CallsExportColumn[]>>;
}

export function typeOf(url: string): DatabaseType {
  if (url.startsWith('postgres')) return 'postgres';
  return url.startsWith('mysql') ? 'mariadb' : 'sqljs';
}

/** The connection options of a database, without entities. */
export function bareOptions(url: string): DataSourceOptions {
  const type = typeOf(url);
  if (type === 'sqljs') return { type };
  return type === 'mariadb' ? { type, url, timezone: 'Z' } : { type, url };
}

/** Column types that TypeORM hydrates to the same instant in every time zone. */
const TIME: Readonly<Record<DatabaseType, Partial<EntitySchemaColumnOptions>>> = {
  postgres: { type: 'timestamptz' },
  mariadb: { type: 'datetime', precision: 6 },
  sqljs: { type: 'datetime' },
};

/** An entity of calls. @param columns replace the default ones. */
export function callsSchema(
  type: DatabaseType,
  columns: Columns = {},
  options: Partial<EntitySchemaOptions<object>> = {},
): EntitySchema {
  const time = { ...TIME[type], nullable: true };
  return schema('HostCall', options, columns, {
    id: { type: 'int', primary: true },
    accountId: { type: 'int', name: 'account_id' },
    callSid: { type: 'varchar' },
    assistantId: { type: 'int', nullable: true },
    customerPhoneNumber: { type: 'varchar', nullable: true },
    status: { type: 'varchar', nullable: true },
    duration: { type: 'int', nullable: true },
    startedAt: { ...time, name: 'started_at' },
    endedAt: time,
  });
}

/** An entity of assistants. @param columns replace the default ones. */
export function assistantsSchema(
  _type: DatabaseType,
  columns: Columns = {},
  options: Partial<EntitySchemaOptions<object>> = {},
): EntitySchema {
  return schema('HostAssistant', options, columns, {
    id: { type: 'int', primary: true },
    accountId: { type: 'int', name: 'account_id' },
    name: { type: 'varchar', nullable: true },
  });
}

function schema(
  name: string,
  options: Partial<EntitySchemaOptions<object>>,
  columns: Columns,
  plain: Columns,
): EntitySchema {
  const entries = Object.entries({ ...columns, ...plain }).map(([property, column]) => {
    const given = columns[property];
    // A column with its own type inherits only these.
    const { name: columnName, primary, nullable } = column;
    return [
      property,
      given?.type ? { name: columnName, primary, nullable, ...given } : { ...column, ...given },
    ];
  });
  return new EntitySchema<object>({
    name,
    ...options,
    columns: Object.fromEntries(entries) as never,
  });
}

export function hostEntities(
  type: DatabaseType,
  calls: Columns = {},
  assistants: Columns = {},
): HostEntities {
  return {
    calls: { entity: callsSchema(type, calls) },
    assistants: { entity: assistantsSchema(type, assistants) },
  };
}
