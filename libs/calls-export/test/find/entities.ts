import {
  type DataSourceOptions,
  EntitySchema,
  type EntitySchemaColumnOptions,
  type EntitySchemaOptions,
} from 'typeorm';
import type { AssistantField, CallField, MappedEntity } from '../../src';

export type DatabaseType = 'postgres' | 'mariadb' | 'sqljs';
export type Columns = Readonly<Record<string, Partial<EntitySchemaColumnOptions>>>;

/** The entities of a host, mapped to what an export reads. */
export interface HostEntities {
  readonly calls: MappedEntity<CallField>;
  readonly assistants: MappedEntity<AssistantField>;
}

export function typeOf(url: string): DatabaseType {
  if (url.startsWith('postgres')) return 'postgres';
  return url.startsWith('mysql') ? 'mariadb' : 'sqljs';
}

/** How TypeORM reaches a database, without entities: each test has its own. */
export function bareOptions(url: string): DataSourceOptions {
  const type = typeOf(url);
  if (type === 'sqljs') return { type };
  return type === 'mariadb' ? { type, url, timezone: 'Z' } : { type, url };
}

/** The columns of times that hydrate to the same instant whatever the zone of the process. */
const TIME: Readonly<Record<DatabaseType, Partial<EntitySchemaColumnOptions>>> = {
  postgres: { type: 'timestamptz' },
  mariadb: { type: 'datetime', precision: 6 },
  sqljs: { type: 'datetime' },
};

/** An entity of calls, with the columns that are given in place of the plain ones. */
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

/** An entity of assistants, likewise. */
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
  const entries = Object.keys({ ...plain, ...columns }).map((property) => {
    const { [property]: column = {} } = plain;
    const given = columns[property];
    // A column that has a type of its own keeps nothing but its name and its place in the key.
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
