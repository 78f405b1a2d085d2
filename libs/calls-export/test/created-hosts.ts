import { randomBytes, randomUUID } from 'node:crypto';
import { type DataSourceOptions, EntitySchema } from 'typeorm';
import type { AssistantField, CallField, MappedCalls, MappedEntity } from '../src';
import { assistantsSchema, bareOptions, callsSchema, type DatabaseType } from './find/entities';

/** The entities of a host whose ids are not integers. */
export interface CreatedHost {
  readonly calls: MappedCalls & { entity: EntitySchema };
  readonly assistants: MappedEntity<AssistantField> & { entity: EntitySchema };
  /** Returns the id of a new call. If ids grow, it sorts after all earlier ones. */
  newId(): string;
}

const CREATED = {
  postgres: { type: 'timestamptz', default: () => 'clock_timestamp()' },
  mariadb: { type: 'datetime', precision: 6, default: () => 'CURRENT_TIMESTAMP(6)' },
  sqljs: { type: 'datetime', default: () => "strftime('%Y-%m-%d %H:%M:%f')" },
} as const;
/** The same with a precision of one second. */
const CREATED_COARSELY = {
  postgres: { type: 'timestamptz', precision: 0, default: () => 'clock_timestamp()' },
  mariadb: { type: 'datetime', precision: 0, default: () => 'CURRENT_TIMESTAMP' },
  sqljs: { type: 'datetime', default: () => "datetime('now')" },
} as const;

function host(
  type: DatabaseType,
  id: object,
  created: object | undefined,
  newId: () => string,
): CreatedHost {
  const order: CallField[] = created ? ['createdAt', 'id'] : ['id'];
  const text = { type: 'varchar', length: '36' };
  const indices = [
    { columns: ['accountId', ...order] },
    { columns: ['accountId', 'startedAt', 'id'] },
    { columns: ['assistantId', ...order] },
  ];
  const columns = {
    id,
    assistantId: text,
    ...(created && { createdAt: { name: 'created_at', ...created } }),
  };
  return {
    calls: {
      entity: callsSchema(type, columns as never, { tableName: 'calls', indices }),
      idsGrow: !created,
    },
    assistants: {
      entity: assistantsSchema(type, { id: text } as never, { tableName: 'assistants' }),
    },
    newId,
  };
}

/** Hosts for each kind of id that an export can scan by. */
export const CREATED_HOSTS: Readonly<Record<string, (type: DatabaseType) => CreatedHost>> = {
  'random UUIDs': (type) => host(type, uuidOf(type), CREATED[type], randomUUID),
  'random UUIDs, created to the second': (type) =>
    host(type, uuidOf(type), CREATED_COARSELY[type], randomUUID),
  'UUIDs that grow': (type) => host(type, uuidOf(type), undefined, uuidV7),
  'texts that grow': (type) => host(type, { type: 'varchar', length: '26' }, undefined, ulid),
};

export function createdOptions({ calls, assistants }: CreatedHost, url: string): DataSourceOptions {
  return {
    ...bareOptions(url),
    entities: [calls.entity, assistants.entity],
    synchronize: true,
    dropSchema: true,
  } as DataSourceOptions;
}

const uuidOf = (type: DatabaseType) =>
  type === 'postgres' ? { type: 'uuid' } : { type: 'varchar', length: '36' };

let last = 0;
/** A 48-bit timestamp, unique in this process. */
const tick = () => (last = Math.max(last + 1, Date.now()));

function uuidV7(): string {
  const hex = tick().toString(16).padStart(12, '0') + `7${randomBytes(10).toString('hex')}`;
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function ulid(): string {
  return `${tick().toString(16).padStart(12, '0')}${randomBytes(7).toString('hex')}`.toUpperCase();
}
