import type { DataSource } from 'typeorm';
import type { ColumnDefinition, ExportColumn, Views } from '../model/export-column';
import {
  ANY_INTEGER,
  areLikeTexts,
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

/** What is read of both entities, whatever the columns of the export are. */
const KEYS: FieldUses = {
  id: { kind: 'key', isScanned: true },
  accountId: { kind: 'key', isScanned: false },
};
/** What calls are filtered by. */
const FILTERS: FieldUses = {
  status: { kind: 'text', isScanned: false },
  startedAt: { kind: 'time', isScanned: true },
};
const JOIN: FieldUses = { assistantId: { kind: 'key', isScanned: true } };
const CREATION: FieldUses = { createdAt: { kind: 'creation', isScanned: true } };

/** What the column `id` is where ids are no integers. */
const TEXT_ID = {
  kind: 'text',
  description: 'The id of the call',
  examples: ['0b5c0a1e-0000-4000-8000-000000000101', '0b5c0a1e-0000-4000-8000-000000000102'],
} as const;

/** What an id may be; the range is that of integers. */
export interface IdRule extends IntegerRange {
  readonly form: KeyForm;
}

/** The entities of an export, in the DataSource that has them. */
export class CallsEntities {
  readonly calls: EntityFields;
  /** Undefined if the host has none. */
  readonly assistants: EntityFields | undefined;
  /** The field by which calls are known to have been created later than others. */
  readonly growing: 'id' | 'createdAt';
  /** The columns of each view, as these entities have them. */
  readonly views: Views<ExportColumn>;

  /**
   * @param views the columns that may be exported.
   * @throws Error if the DataSource lacks an entity, or an entity lacks a property, or has one that can't be exported.
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
      // The keys come first where a message lists the fields, and their uses prevail.
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

  /** The column that has the values of a column of the export. */
  columnOf({ of, field }: ColumnDefinition): ColumnMetadata {
    return this.of(of).column(field);
  }

  /** The columns of each entity that an export of these columns has to do with: they find, filter or join calls, or are exported. */
  used(
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
   * An entity by its name in a query.
   *
   * @throws Error if the host has none.
   */
  of(name: ColumnDefinition['of']): EntityFields {
    const entity = name === 'call' ? this.calls : this.assistants;
    if (!entity) throw new Error('There are no assistants');
    return entity;
  }

  /** What the id of an assistant is; undefined if there are none. */
  get assistantIds(): IdRule | undefined {
    const { assistants, calls, dataSource } = this;
    if (!assistants) return undefined;
    const ids = [assistants.column('id'), calls.column('assistantId')];
    // A number that a call's column has no place for is no assistant of any call.
    const maxima = ids
      .filter((column) => formOf(column, dataSource) === 'integer')
      .map((column) => integerRange(column, dataSource).max);
    return {
      form: assistants.form('id') ?? 'text',
      min: 1n,
      max: maxima.reduce((least, each) => (each < least ? each : least), ANY_INTEGER.max),
    };
  }

  /** What the id of a call is. */
  get callIds(): IdRule {
    const { calls, dataSource } = this;
    const column = calls.column('id');
    // A transformer may make other integers than the column has.
    const range = column.transformer ? ANY_INTEGER : integerRange(column, dataSource);
    return { form: calls.form('id') ?? 'text', ...range };
  }

  /** Whether a call's column and that of assistants' ids are of different types, so that they are compared as texts. */
  get joinsByText(): boolean {
    const { assistants, calls, dataSource } = this;
    const [id, assistantId] = [assistants?.form('id'), calls.form('assistantId')];
    if (!assistants || id === undefined || assistantId === undefined) return false;
    if (id !== assistantId) return true;
    const columns = [assistants.column('id'), calls.column('assistantId')] as const;
    return id === 'text' && !areLikeTexts(...columns, dataSource);
  }

  /** @throws Error if the column can't be exported so, whatever else it is used for. */
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
 * Whether ids grow.
 *
 * @throws Error if they do not, and it is not known either when a call was created.
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
    `CallsExportModule: ${metadata.name} has no property ${path} to read calls in the order in which they were created, since ` +
      `ids such as ${metadata.name}.${id?.propertyPath} do not grow: say by properties: { createdAt: '…' } which one says when a call was ` +
      'created, or by idsGrow: true that ids grow, as UUIDv7 and ULID do',
  );
}
