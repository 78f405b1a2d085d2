import type { Type } from '@nestjs/common';
import type { DataSource, EntitySchema, ObjectLiteral, Repository } from 'typeorm';
import type { AccountId } from '../model/account-id';
import type { ColumnKind, ExportColumn } from '../model/export-column';
import type { Assistant } from './assistant.entity';
import type { Call } from './call.entity';
import { metadataOf } from './metadata-of';

export type ColumnMetadata = Repository<ObjectLiteral>['metadata']['columns'][number];

/** What is read of a call: the properties of `Call` but for its relation and for when it was created. */
export type CallField = Exclude<keyof Call, 'assistant' | 'createdAt'>;
/** What is read of an assistant: the properties of `Assistant`. */
export type AssistantField = keyof Assistant;

/** What a field's column has to hold; undefined is anything that can be cast to text. */
type FieldKinds = Readonly<Record<string, ColumnKind | undefined>>;

/** What is read of both entities, whatever the columns of the export are. */
const KEY_KINDS: FieldKinds = { id: 'integer', accountId: undefined };
/** What calls are filtered by. */
const FILTER_KINDS: FieldKinds = { assistantId: 'integer', status: 'text', startedAt: 'time' };

const INTEGER_TYPE = /^(?:unsigned )?(?:big ?|medium|small|tiny)?int(?:eger|[248])?(?: unsigned)?$/;
const TIME_TYPE = /^(?:timestamp|datetime)/;

/** An entity of the host's, and how its properties are called. */
export interface MappedEntity<Field extends string> {
  /** A class that is an entity, or an `EntitySchema`. With a column of deletion dates, deleted calls are left out. */
  readonly entity: Type | EntitySchema;
  /**
   * The properties that are not called as the field is. `times.start` is one of an embedded object; a relation stands for its
   * column.
   */
  readonly properties?: Readonly<Partial<Record<Field, string>>>;
}

/** The entities of an export, in the DataSource that has them. */
export class CallsEntities {
  readonly calls: EntityFields;
  readonly assistants: EntityFields;

  /**
   * @param columns the columns of the export.
   * @throws Error if the DataSource lacks an entity, or an entity lacks a property.
   */
  constructor(
    readonly dataSource: DataSource,
    columns: readonly ExportColumn[],
    calls: MappedEntity<CallField>,
    assistants: MappedEntity<AssistantField>,
  ) {
    const kinds = (entity: ExportColumn['of']): FieldKinds => ({
      ...KEY_KINDS,
      ...Object.fromEntries(
        columns.filter(({ of }) => of === entity).map(({ field, kind }) => [field, kind]),
      ),
    });
    this.calls = new EntityFields(dataSource, calls, { ...kinds('call'), ...FILTER_KINDS });
    this.assistants = new EntityFields(dataSource, assistants, kinds('assistant'));
  }

  /** The column that has the values of a column of the export. */
  columnOf({ of, field }: ExportColumn): ColumnMetadata {
    return (of === 'call' ? this.calls : this.assistants).column(field);
  }

  /**
   * An account as the calls' column has it. If a number is compared with a text, a database may find other accounts as well
   * (MySQL's manual, "Type Conversion in Expression Evaluation").
   *
   * @throws TypeError if the column can't have it.
   */
  account(accountId: AccountId): AccountId {
    const type = this.dataSource.driver.normalizeType(this.calls.column('accountId'));
    if (!INTEGER_TYPE.test(type)) return String(accountId);
    if (/^-?\d+$/.test(String(accountId))) return accountId;
    throw new TypeError('The account must be an integer, as those of the calls are');
  }
}

/** An entity whose properties go by the names of the fields. */
export class EntityFields {
  readonly repository: Repository<ObjectLiteral>;
  private readonly columns: ReadonlyMap<string, ColumnMetadata>;

  constructor(
    dataSource: DataSource,
    { entity, properties }: MappedEntity<string>,
    kinds: FieldKinds,
  ) {
    const names: Record<string, string | undefined> = { ...properties };
    const name = entity instanceof Function ? entity.name : entity.options.name;
    const metadata = metadataOf(dataSource, entity);
    if (!metadata) {
      throw new Error(
        `CallsExportModule: the DataSource has no entity ${name}: add it to its entities, or set autoLoadEntities`,
      );
    }
    const unknown = Object.keys(names).find((field) => !Object.hasOwn(kinds, field));
    if (unknown !== undefined) {
      throw new Error(
        `CallsExportModule: ${unknown} is none of the fields that ${name} is read for: ${Object.keys(kinds).join(', ')}`,
      );
    }
    this.repository = dataSource.getRepository(metadata.target);
    const columns = Object.entries(kinds).map(([field, kind]) => {
      const path = names[field] ?? field;
      const column = this.repository.metadata.findColumnWithPropertyPath(path);
      if (!column) {
        throw new Error(
          `CallsExportModule: ${name} has no property ${path}; say by properties: { ${field}: '…' } which one has it`,
        );
      }
      const type = dataSource.driver.normalizeType(column);
      if (!holds(type, kind)) {
        throw new Error(
          `CallsExportModule: ${name}.${path} must be a column of ${kind}s, not ${type}`,
        );
      }
      return [field, column] as const;
    });
    this.columns = new Map(columns);
  }

  /** @throws Error if the entity is not read for the field. */
  column(field: string): ColumnMetadata {
    const column = this.columns.get(field);
    if (!column) throw new Error(`The entity is not read for ${field}`);
    return column;
  }

  /** The name by which a query builder knows a field. */
  property(field: string): string {
    return this.column(field).propertyPath;
  }
}

function holds(type: string, kind: ColumnKind | undefined): boolean {
  switch (kind) {
    case 'integer':
      return INTEGER_TYPE.test(type);
    case 'time':
      return TIME_TYPE.test(type);
    case 'text':
    case undefined:
      return true;
    default:
      return kind satisfies never;
  }
}
