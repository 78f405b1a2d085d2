import type { DataSource } from 'typeorm';
import type { ColumnDefinition, ExportColumn, Views } from '../model/export-column';
import {
  ANY_INTEGER,
  areComparableTexts,
  type ColumnMetadata,
  type FieldUse,
  formOf,
  type IntegerRange,
  integerRange,
  type KeyForm,
  requireUsable,
} from './column-use';
import { EntityFields, type FieldUses } from './entity-fields';
import {
  ASSISTANT_FIELDS,
  type AssistantField,
  CALL_FIELDS,
  type MappedCalls,
  type MappedEntity,
} from './mapped-entity';
import { metadataOf } from './metadata-of';

/** The fields that every export reads from both entities. */
const KEYS: FieldUses = {
  id: { kind: 'key', isScanned: true },
  accountId: { kind: 'key', isScanned: false },
};
/** The fields that calls are filtered by. */
const FILTERS: FieldUses = {
  status: { kind: 'text', isScanned: false },
  startedAt: { kind: 'time', isScanned: true },
};
const JOIN: FieldUses = { assistantId: { kind: 'key', isScanned: true } };
const CREATION: FieldUses = { createdAt: { kind: 'creation', isScanned: true } };

/** The exported column `id` if ids are not integers. */
const TEXT_ID = {
  kind: 'text',
  description: 'The id of the call',
  examples: ['0b5c0a1e-0000-4000-8000-000000000101', '0b5c0a1e-0000-4000-8000-000000000102'],
} as const;

/** The valid ids. The range applies only to integers. */
export interface IdRule extends IntegerRange {
  readonly form: KeyForm;
}

/** The entities of an export in one DataSource. */
export class CallsEntities {
  readonly calls: EntityFields;
  /** Undefined if the host app has no assistants. */
  readonly assistants: EntityFields | undefined;
  /** The field that grows with each new call, so that it gives the order of creation. */
  readonly growing: 'id' | 'createdAt';
  /** The columns of each view, resolved against these entities. */
  readonly views: Views<ExportColumn>;

  /**
   * @param views the columns that may be exported.
   * @throws Error if an entity or a property is missing, or if a column can't be exported.
   */
  constructor(
    readonly dataSource: DataSource,
    views: Views,
    calls: MappedCalls,
    assistants: MappedEntity<AssistantField> | false,
  ) {
    const columns = [...views.values()].flat();
    const uses = (entity: ColumnDefinition['of'], filters: FieldUses): FieldUses => {
      const exported = columns
        .filter(({ of }) => of === entity)
        .map((column): [string, FieldUse] => [column.field, exportedUse(column)]);
      // The keys come first so that they are checked first; spread again, so that their uses win.
      return { ...KEYS, ...Object.fromEntries(exported), ...filters, ...KEYS };
    };
    const filters = { ...(assistants && JOIN), ...FILTERS };
    this.growing = idsGrow(dataSource, calls) ? 'id' : 'createdAt';
    this.calls = new EntityFields(
      dataSource,
      calls,
      uses('call', { ...filters, ...(this.growing === 'createdAt' && CREATION) }),
      CALL_FIELDS,
    );
    this.assistants = assistants
      ? new EntityFields(dataSource, assistants, uses('assistant', {}), ASSISTANT_FIELDS)
      : undefined;
    this.views = new Map(
      [...views].map(([name, view]) => [name, view.map((column) => this.resolve(column))]),
    );
  }

  /** Returns the database column behind an exported column. */
  columnOf({ of, field }: ColumnDefinition): ColumnMetadata {
    return this.of(of).column(field);
  }

  /** Returns, per entity, the database columns that an export of these columns reads, filters or joins by. */
  usedColumns(
    columns: readonly ColumnDefinition[],
  ): readonly (readonly [EntityFields, ColumnMetadata[]])[] {
    const { calls, assistants, growing } = this;
    const of = (entity: ColumnDefinition['of']) =>
      columns.filter((column) => column.of === entity).map(({ field }) => field);
    const needed = { ...KEYS, ...FILTERS, ...(assistants && JOIN), [growing]: growing };
    const fields = new Set([...Object.keys(needed), ...of('call')]);
    const pairs = [[calls, fields] as const];
    if (assistants) pairs.push([assistants, new Set([...Object.keys(KEYS), ...of('assistant')])]);
    return pairs.map(([entity, names]) => [entity, [...names].map((name) => entity.column(name))]);
  }

  /**
   * Returns an entity by its name in a query.
   *
   * @throws Error if the host app has no assistants.
   */
  of(name: ColumnDefinition['of']): EntityFields {
    const entity = name === 'call' ? this.calls : this.assistants;
    if (!entity) throw new Error('There are no assistants');
    return entity;
  }

  /** The valid ids of assistants, or undefined if there are none. */
  get assistantIds(): IdRule | undefined {
    const { assistants, calls, dataSource } = this;
    if (!assistants) return undefined;
    const ids = [assistants.column('id'), calls.column('assistantId')];
    // An id outside the range of the call's column can't belong to any call.
    const maxima = ids
      .filter((column) => formOf(column, dataSource) === 'integer')
      .map((column) => integerRange(column, dataSource).max);
    return {
      form: assistants.form('id') ?? 'text',
      min: 1n,
      max: maxima.reduce((lowest, each) => (each < lowest ? each : lowest), ANY_INTEGER.max),
    };
  }

  /** The valid ids of calls. */
  get callIds(): IdRule {
    const { calls, dataSource } = this;
    const column = calls.column('id');
    // A transformer may map to integers outside the range of the column.
    const range = column.transformer ? ANY_INTEGER : integerRange(column, dataSource);
    return { form: calls.form('id') ?? 'text', ...range };
  }

  /** Whether the two columns of the join have different types, so that they are compared as text. */
  get joinsByText(): boolean {
    const { assistants, calls, dataSource } = this;
    const [id, assistantId] = [assistants?.form('id'), calls.form('assistantId')];
    if (!assistants || id === undefined || assistantId === undefined) return false;
    if (id !== assistantId) return true;
    const columns = [assistants.column('id'), calls.column('assistantId')] as const;
    return id === 'text' && !areComparableTexts(...columns, dataSource);
  }

  /** @throws Error if the column can't be exported as the declared kind. */
  private resolve(column: ColumnDefinition): ExportColumn {
    const metadata = this.columnOf(column);
    const isId = column.of === 'call' && column.field === 'id' && column.kind === 'integer';
    const isText = isId && ['uuid', 'text'].includes(String(this.calls.form('id')));
    const resolved: ExportColumn = {
      ...column,
      ...(isText && TEXT_ID),
      nullable: column.nullable ?? (metadata.isNullable || column.of === 'assistant'),
    };
    requireUsable(metadata, exportedUse(resolved), this.dataSource);
    return resolved;
  }
}

function exportedUse({ kind, mask, property }: ColumnDefinition): FieldUse {
  return { kind, isScanned: false, isMasked: mask !== undefined, property };
}

/**
 * Whether ids grow with each new call.
 *
 * @throws Error if they do not, and no property has the creation time.
 */
function idsGrow(dataSource: DataSource, calls: MappedCalls): boolean {
  const { entity, properties = {} } = calls;
  const metadata = metadataOf(dataSource, entity);
  const id = metadata?.findColumnWithPropertyPath(properties.id ?? 'id');
  const form = id && formOf(id, dataSource);
  const isInteger = form === undefined || form === 'integer';
  if (calls.idsGrow ?? (isInteger && properties.createdAt === undefined)) return true;
  const path = properties.createdAt ?? 'createdAt';
  if (!metadata || metadata.findColumnWithPropertyPath(path)) return false;
  throw new Error(
    `CallsExportModule: ${metadata.name} has no property ${path} to sort calls by, ` +
      `and the ids in ${metadata.name}.${id?.propertyPath} do not grow: map the creation time with ` +
      "properties: { createdAt: '…' }, or set idsGrow: true if ids grow, as UUIDv7 and ULID do",
  );
}
