import type { DataSource, ObjectLiteral, Repository } from 'typeorm';
import type { AccountId } from '../model/account-id';
import { InvalidAccountError } from '../model/export-errors';
import { isUuid } from '../model/uuid';
import {
  type ColumnMetadata,
  type FieldUse,
  formOf,
  type KeyForm,
  requireUsable,
  typeOf,
} from './column-use';
import type { MappedEntity } from './mapped-entity';
import { metadataOf } from './metadata-of';

/** The fields that an entity is read for. */
export type FieldUses = Readonly<Record<string, FieldUse>>;

const INTEGER = /^(?:0|-?[1-9]\d*)$/;
/** Of 64 bits, with a sign or without one. */
const [MIN_INTEGER, MAX_INTEGER] = [-(2n ** 63n), 2n ** 64n - 1n];

/** An entity whose properties go by the names of the fields. */
export class EntityFields {
  readonly repository: Repository<ObjectLiteral>;
  private readonly byField: ReadonlyMap<string, ColumnMetadata>;

  constructor(
    private readonly dataSource: DataSource,
    { entity, properties }: MappedEntity<string>,
    uses: FieldUses,
    fields: readonly string[],
  ) {
    const names: Record<string, string | undefined> = { ...properties };
    const name = entity instanceof Function ? entity.name : entity.options.name;
    const metadata = metadataOf(dataSource, entity);
    if (!metadata) {
      throw new Error(
        `CallsExportModule: the DataSource has no entity ${name}: add it to its entities, or set autoLoadEntities`,
      );
    }
    const unknown = Object.keys(names).find((field) => !fields.includes(field));
    if (unknown !== undefined) {
      throw new Error(
        `CallsExportModule: ${unknown} is none of the fields that ${name} is read for: ${fields.join(', ')}`,
      );
    }
    this.repository = dataSource.getRepository(metadata.target);
    this.requireNoListeners(name);
    const columns = Object.entries(uses).map(([field, use]) => {
      const path = use.property ?? names[field] ?? field;
      const column = this.repository.metadata.findColumnWithPropertyPath(path);
      if (!column) {
        const hint = use.property ? '' : `; say by properties: { ${field}: '…' } which one has it`;
        throw new Error(`CallsExportModule: ${name} has no property ${path}${hint}`);
      }
      requireUsable(column, use, dataSource);
      return [field, column] as const;
    });
    this.byField = new Map(columns);
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

  /** What a key is; undefined where the entity does not say. */
  form(field: string): KeyForm | undefined {
    return formOf(this.column(field), this.dataSource);
  }

  /**
   * An account as the database has it.
   *
   * @throws InvalidAccountError if the column can't have it.
   */
  account(accountId: AccountId): unknown {
    const { value, failure } = this.persistedKey('accountId', accountId);
    if (value === undefined) {
      throw new InvalidAccountError('one that their transformer takes', failure);
    }
    const key = this.stored('accountId', value);
    if (key !== undefined) return key;
    throw new InvalidAccountError(
      this.form('accountId') === 'uuid' ? 'a UUID' : 'an integer of up to 64 bits such as 42',
    );
  }

  /**
   * A key as the database has it.
   *
   * @returns undefined if no row can have it.
   */
  key(field: string, key: number | bigint | string): unknown {
    const { value } = this.persistedKey(field, key);
    return value === undefined ? undefined : this.stored(field, value);
  }

  private stored(field: string, value: unknown): unknown {
    const text = String(value);
    switch (this.form(field)) {
      case 'integer': {
        if (!INTEGER.test(text) || BigInt(text) < MIN_INTEGER || BigInt(text) > MAX_INTEGER) {
          return undefined;
        }
        const number = Number(text);
        return Number.isSafeInteger(number) ? number : text;
      }
      case 'uuid':
        return isUuid(text) ? text.toLowerCase() : undefined;
      default:
        return typeof value === 'number' || typeof value === 'bigint' ? text : value;
    }
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

  /** What a key's transformer makes of it, or what it fails with. */
  private persistedKey(
    field: string,
    key: number | bigint | string,
  ): { readonly value?: unknown; readonly failure?: unknown } {
    let failure: unknown;
    // A transformer may be made for texts alone, and a token have a number.
    for (const each of [key, String(key)]) {
      try {
        const value = this.persisted(field, each);
        if (value !== undefined) return { value };
      } catch (error) {
        failure = error;
      }
    }
    return { failure };
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
