import type { DataSource, ObjectLiteral } from 'typeorm';
import type { CallsExportColumn, CallsFilter, ColumnKind, Mask } from '../../src';
import type { HostEntities } from './entities';

/** The cells of a call by key, as text: numbers in digits, times in UTC without fractions; or null. */
export type Cells = Readonly<Record<string, string | null>>;

type Entity = Readonly<Record<string, unknown>>;

/** Whether the account of an entity is the exported one. */
export type Owns = (property: unknown) => boolean;

/** A column of the file, and the field of an entity that it shows. */
interface FoundColumn {
  readonly key: string;
  readonly of: 'call' | 'assistant';
  readonly field: string;
  readonly kind: ColumnKind;
  readonly mask?: Mask;
}

const STANDARD: readonly FoundColumn[] = [
  { key: 'id', of: 'call', field: 'id', kind: 'integer' },
  { key: 'call_sid', of: 'call', field: 'callSid', kind: 'text' },
  { key: 'assistant_name', of: 'assistant', field: 'name', kind: 'text' },
  { key: 'customer_phone_number', of: 'call', field: 'customerPhoneNumber', kind: 'text' },
  { key: 'status', of: 'call', field: 'status', kind: 'text' },
  { key: 'duration', of: 'call', field: 'duration', kind: 'integer' },
  { key: 'started_at', of: 'call', field: 'startedAt', kind: 'time' },
  { key: 'ended_at', of: 'call', field: 'endedAt', kind: 'time' },
];

/** The columns of a file, in order. */
export function columnsOf(columns: readonly CallsExportColumn[] | undefined): FoundColumn[] {
  if (!columns) return [...STANDARD];
  return columns.map((column): FoundColumn => {
    const given = typeof column === 'string' ? { key: column } : column;
    if ('property' in given) return { of: 'call', ...given, field: given.property };
    return { ...(STANDARD.find(({ key }) => key === given.key) as FoundColumn), ...given };
  });
}

/** The results of `find()` for both entities. */
export interface Found {
  readonly entities: HostEntities;
  readonly calls: readonly Entity[];
  readonly assistants: readonly Entity[];
}

export async function findAll(dataSource: DataSource, entities: HostEntities): Promise<Found> {
  const all = [entities.columns, ...Object.values(entities.views ?? {})].flatMap(columnsOf);
  const exported = all.map(({ field }) => field);
  return {
    entities,
    calls: await find(dataSource, entities.calls, 'without deleted', exported),
    // A call keeps the name of an assistant who was deleted later.
    assistants: await find(dataSource, entities.assistants, 'all', exported),
  };
}

/**
 * The expected cells of a file. Filters and formats the results of `find()` in JavaScript, without SQL.
 *
 * @param owns whether an entity belongs to the account.
 */
export function cellsOf(
  { calls: all, assistants: allAssistants, entities }: Found,
  owns: Owns,
  filter: CallsFilter = {},
  columns = entities.columns,
): Cells[] {
  const call = fieldsOf(entities.calls.properties);
  const assistant = fieldsOf(entities.assistants.properties);
  const ownAssistants = new Map(
    allAssistants
      .filter((each) => owns(assistant(each, 'accountId')))
      .map((each) => [String(assistant(each, 'id')), each]),
  );
  const assistantOf = (each: Entity) => {
    const id = call(each, 'assistantId');
    return id == null ? undefined : ownAssistants.get(String(id));
  };
  const matches = (each: Entity): boolean => {
    const { status, assistantId, startedFrom, startedBefore } = filter;
    if (!owns(call(each, 'accountId'))) return false;
    if (status !== undefined && text(call(each, 'status')) !== status) return false;
    if (assistantId !== undefined) {
      if (String(call(each, 'assistantId')) !== String(assistantId)) return false;
      if (assistantOf(each) === undefined) return false;
    }
    if (startedFrom === undefined && startedBefore === undefined) return true;
    const start = microsOf(call(each, 'startedAt'));
    if (start === undefined) return false;
    return (
      (startedFrom === undefined || start >= (microsOf(startedFrom) as bigint)) &&
      (startedBefore === undefined || start < (microsOf(startedBefore) as bigint))
    );
  };
  return all.filter(matches).map((each) => {
    const by = assistantOf(each);
    return Object.fromEntries(
      columnsOf(columns).map(({ key, of, field, kind, mask }) => {
        const found = of === 'call' ? call(each, field) : by && assistant(by, field);
        const value = mask && found != null ? mask(found) : found;
        const isId = of === 'call' && field === 'id';
        return [key, CELLS[isId && !isDigits(value) ? 'text' : kind](value)];
      }),
    );
  });
}

/** @returns a function that reads a field of an entity, by its property or the path of an embedded one. */
export function fieldsOf(properties: Readonly<Record<string, string | undefined>> = {}) {
  return (entity: Entity, field: string): unknown =>
    (properties[field] ?? field)
      .split('.')
      .reduce<unknown>((value, name) => (value as Entity | null)?.[name], entity);
}

async function find(
  dataSource: DataSource,
  { entity, properties = {} }: HostEntities['calls' | 'assistants'],
  which: 'all' | 'without deleted',
  exported: readonly string[],
): Promise<Entity[]> {
  const repository = dataSource.getRepository<ObjectLiteral>(entity);
  const { relations, deleteDateColumn } = repository.metadata;
  const mapped = relations.filter(({ propertyName }) =>
    [...Object.values(properties), ...exported].includes(propertyName),
  );
  if (mapped.length === 0) return repository.find({ withDeleted: which === 'all' });
  // The ID of a related row is exported even if that row is deleted.
  const found = await repository.find({
    withDeleted: true,
    relations: Object.fromEntries(mapped.map(({ propertyName }) => [propertyName, true])),
  });
  return found
    .filter((each) => which === 'all' || !deleteDateColumn?.getEntityValue(each))
    .map((each) => {
      const ids = mapped.map(({ propertyName, joinColumns }) => {
        const related = each[propertyName] as Entity | null;
        return [propertyName, related && joinColumns[0]?.referencedColumn?.getEntityValue(related)];
      });
      return { ...each, ...Object.fromEntries(ids) };
    });
}

const CELLS: Readonly<Record<ColumnKind, (value: unknown) => string | null>> = {
  integer: (value) => (value == null ? null : BigInt(value as string).toString()),
  decimal: (value) =>
    value == null
      ? null
      : String(value)
          .replace(/^([-+]?)0*(?=\d)/, '$1')
          .replace(/^\+/, '')
          .replace(/^-?(?=\.)/, '$&0'),
  boolean: (value) =>
    value == null
      ? null
      : String(
          [true, 1, '1', 'true', '\x01'].includes(
            Buffer.isBuffer(value) ? value.toString() : (value as true),
          ),
        ),
  text,
  time: (value) => (value == null ? null : dateOf(value).toISOString().slice(0, -5)),
};

/** Whether the file shows an ID as an integer. */
function isDigits(id: unknown): boolean {
  return id == null || /^(?:0|-?[1-9]\d*)$/.test(String(id));
}

function text(value: unknown): string | null {
  // UTF-8 has no lone surrogates.
  return value == null ? null : Buffer.from(String(value)).toString();
}

/** Converts a Date, an ISO string, milliseconds since 1970 or an object whose value is one of these. */
export function dateOf(value: unknown): Date {
  return new Date(typeof value === 'string' ? value : Number(value));
}

function microsOf(value: unknown): bigint | undefined {
  if (value == null) return undefined;
  return typeof value === 'bigint' ? value : BigInt(dateOf(value).getTime()) * 1000n;
}
