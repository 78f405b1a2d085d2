import type { Type } from '@nestjs/common' with { 'resolution-mode': 'import' };
import type { DataSource, EntitySchema, ObjectLiteral, Repository } from 'typeorm';
import type { AccountId } from '../model/account-id';
import type { ExportColumn } from '../model/export-column';
import { InvalidAccountError } from '../model/export-errors';
import type { Assistant } from './assistant.entity';
import type { Call } from './call.entity';
import { type ColumnMetadata, type FieldUse, isInteger, typeOf, whyUnusable } from './column-use';
import { metadataOf } from './metadata-of';

/** What is read of a call: the properties of `Call` but for its relation and for when it was created. */
export type CallField = Exclude<keyof Call, 'assistant' | 'createdAt'>;
/** What is read of an assistant: the properties of `Assistant`. */
export type AssistantField = keyof Assistant;

/** The fields that an entity is read for. */
type FieldUses = Readonly<Record<string, FieldUse>>;

/** What is read of both entities, whatever the columns of the export are. */
const KEYS: FieldUses = {
  id: { kind: 'integer', isWalked: true },
  accountId: { kind: undefined, isWalked: false },
};
/** What calls are filtered by. */
const FILTERS: FieldUses = {
  assistantId: { kind: 'integer', isWalked: false },
  status: { kind: 'text', isWalked: false },
  startedAt: { kind: 'time', isWalked: true },
};

const INTEGER = /^(?:0|-?[1-9]\d*)$/;
/** Of 64 bits, with a sign or without one. */
const [MIN_INTEGER, MAX_INTEGER] = [-(2n ** 63n), 2n ** 64n - 1n];
/** In any case (RFC 9562, 4). */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

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
    const uses = (entity: ExportColumn['of'], filters: FieldUses): FieldUses => {
      const exported = columns
        .filter(({ of }) => of === entity)
        .map(({ field, kind }) => [field, { kind, isWalked: false }] as const);
      // The keys come first where a message lists the fields, and their uses prevail.
      return { ...KEYS, ...Object.fromEntries(exported), ...filters, ...KEYS };
    };
    this.calls = new EntityFields(dataSource, calls, uses('call', FILTERS));
    this.assistants = new EntityFields(dataSource, assistants, uses('assistant', {}));
  }

  /** The column that has the values of a column of the export. */
  columnOf({ of, field }: ExportColumn): ColumnMetadata {
    return (of === 'call' ? this.calls : this.assistants).column(field);
  }
}

/** An entity whose properties go by the names of the fields. */
export class EntityFields {
  readonly repository: Repository<ObjectLiteral>;
  private readonly byField: ReadonlyMap<string, ColumnMetadata>;

  constructor(
    private readonly dataSource: DataSource,
    { entity, properties }: MappedEntity<string>,
    uses: FieldUses,
  ) {
    const names: Record<string, string | undefined> = { ...properties };
    const name = entity instanceof Function ? entity.name : entity.options.name;
    const metadata = metadataOf(dataSource, entity);
    if (!metadata) {
      throw new Error(
        `CallsExportModule: the DataSource has no entity ${name}: add it to its entities, or set autoLoadEntities`,
      );
    }
    const unknown = Object.keys(names).find((field) => !Object.hasOwn(uses, field));
    if (unknown !== undefined) {
      throw new Error(
        `CallsExportModule: ${unknown} is none of the fields that ${name} is read for: ${Object.keys(uses).join(', ')}`,
      );
    }
    this.repository = dataSource.getRepository(metadata.target);
    this.requireNoListeners(name);
    const columns = Object.entries(uses).map(([field, use]) => {
      const path = names[field] ?? field;
      const column = this.repository.metadata.findColumnWithPropertyPath(path);
      if (!column) {
        throw new Error(
          `CallsExportModule: ${name} has no property ${path}; say by properties: { ${field}: '…' } which one has it`,
        );
      }
      const fault = whyUnusable(column, use, dataSource);
      if (fault !== undefined) throw new Error(`CallsExportModule: ${name}.${path} ${fault}`);
      return [field, column] as const;
    });
    this.byField = new Map(columns);
  }

  /** Those that the entity is read for. */
  get columns(): readonly ColumnMetadata[] {
    return [...this.byField.values()];
  }

  /** @throws Error if the entity is not read for the field. */
  column(field: string): ColumnMetadata {
    const column = this.byField.get(field);
    if (!column) throw new Error(`The entity is not read for ${field}`);
    return column;
  }

  /** The name by which a query builder knows a field. */
  property(field: string): string {
    return this.column(field).propertyPath;
  }

  /**
   * An account as the database has it.
   *
   * @throws InvalidAccountError if the column can't have it.
   */
  account(accountId: AccountId): unknown {
    const column = this.column('accountId');
    const value = this.persistedAccount(accountId);
    if (isInteger(column, this.dataSource)) {
      const text = String(value);
      if (!INTEGER.test(text) || BigInt(text) < MIN_INTEGER || BigInt(text) > MAX_INTEGER) {
        throw new InvalidAccountError('an integer of up to 64 bits such as 42');
      }
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : text;
    }
    if (typeOf(column, this.dataSource) === 'uuid') {
      if (!UUID.test(String(value))) throw new InvalidAccountError('a UUID');
      return String(value).toLowerCase();
    }
    return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  }

  /**
   * A property's value as the database has it: what the column's transformers make of it.
   *
   * @returns undefined if no value of the database is read as this one, as where a transformer writes all texts in lower case.
   */
  persisted(field: string, value: unknown): unknown {
    const column = this.column(field);
    const { driver } = this.dataSource;
    if (!column.transformer) {
      if (typeOf(column, this.dataSource) !== 'boolean') return value;
      return ['true', 'false'].includes(String(value))
        ? driver.preparePersistentValue(String(value) === 'true', column)
        : undefined;
    }
    const transformers = [column.transformer].flat();
    const made = transformers.reduce<unknown>((last, transformer) => transformer.to(last), value);
    // A driver may give a number as a text.
    const isRead = [made, String(made)].some((raw) => {
      try {
        return String(driver.prepareHydratedValue(raw, column)) === String(value);
      } catch {
        // It is made for what the database gives, which this may not be.
        return true;
      }
    });
    return isRead ? made : undefined;
  }

  private persistedAccount(accountId: AccountId): unknown {
    let failure: unknown;
    // A transformer may be made for texts alone, and a token have a number.
    for (const account of [accountId, String(accountId)]) {
      try {
        const value = this.persisted('accountId', account);
        if (value !== undefined) return value;
      } catch (error) {
        failure = error;
      }
    }
    throw new InvalidAccountError('one that their transformer takes', failure);
  }

  /** What changes an entity after it was read is not known to an export, which makes no entities. */
  private requireNoListeners(name: string): void {
    const { metadata } = this.repository;
    const { subscribers } = this.dataSource;
    const [listener] = metadata.afterLoadListeners;
    const subscriber = subscribers.find(
      (each) =>
        each.afterLoad &&
        [undefined, Object, metadata.target].includes(
          each.listenTo?.() as typeof metadata.target | undefined,
        ),
    );
    const found = listener?.propertyName ?? subscriber?.constructor.name;
    if (found === undefined) return;
    throw new Error(
      `CallsExportModule: ${name} has ${found} for what is loaded, which an export can't run: ` +
        'map an entity without it, such as one of entitiesOnTables, or use a transformer of the column',
    );
  }
}
