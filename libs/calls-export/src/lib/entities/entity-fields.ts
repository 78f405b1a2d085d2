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

/** The fields that an export reads from an entity, and how it uses them. */
export type FieldUses = Readonly<Record<string, FieldUse>>;

const INTEGER = /^(?:0|-?[1-9]\d*)$/;
/** The range of a 64-bit integer, signed or unsigned. */
const [MIN_INTEGER, MAX_INTEGER] = [-(2n ** 63n), 2n ** 64n - 1n];

/** An entity whose columns can be looked up by the names of the fields. */
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
        `CallsExportModule: the DataSource has no entity ${name}: ` +
          'add it to its entities, or set autoLoadEntities',
      );
    }
    const unknown = Object.keys(names).find((field) => !fields.includes(field));
    if (unknown !== undefined) {
      throw new Error(
        `CallsExportModule: unknown field ${unknown} in the properties of ${name}, ` +
          `expected one of ${fields.join(', ')}`,
      );
    }
    this.repository = dataSource.getRepository(metadata.target);
    this.requireNoListeners(name);
    const columns = Object.entries(uses).map(([field, use]) => {
      const path = use.property ?? names[field] ?? field;
      const column = this.repository.metadata.findColumnWithPropertyPath(path);
      if (!column) {
        const hint = use.property ? '' : `; map the field with properties: { ${field}: '…' }`;
        throw new Error(`CallsExportModule: ${name} has no property ${path}${hint}`);
      }
      requireUsable(column, use, dataSource);
      return [field, column] as const;
    });
    this.byField = new Map(columns);
  }

  /** @throws Error if an export does not read the field. */
  column(field: string): ColumnMetadata {
    const column = this.byField.get(field);
    if (!column) throw new Error(`The entity has no column for the field ${field}`);
    return column;
  }

  /** Returns the name of a field in a query builder. */
  property(field: string): string {
    return this.column(field).propertyPath;
  }

  /** Returns the form of a key, or undefined if the entity does not declare a type. */
  form(field: string): KeyForm | undefined {
    return formOf(this.column(field), this.dataSource);
  }

  /**
   * Returns an account as the database stores it.
   *
   * @throws InvalidAccountError if the column can't hold it.
   */
  account(accountId: AccountId): unknown {
    const { value, failure } = this.persistedKey('accountId', accountId);
    if (value === undefined) {
      throw new InvalidAccountError("a value that the column's transformer accepts", failure);
    }
    const key = this.stored('accountId', value);
    if (key !== undefined) return key;
    throw new InvalidAccountError(
      this.form('accountId') === 'uuid' ? 'a UUID' : 'an integer of up to 64 bits, such as 42',
    );
  }

  /** Returns a key as the database stores it, or undefined if no row can have it. */
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
   * Returns a property's value as the database stores it, after the column's transformers.
   *
   * @returns undefined if no stored value reads back as this one, for example `A` if a transformer writes
   *   lower case.
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
    const stored = transformers.reduce<unknown>((last, transformer) => transformer.to(last), value);
    // A driver may return a number as a string.
    const readsBack = [stored, String(stored)].some((raw) => {
      try {
        return String(driver.prepareHydratedValue(raw, column)) === String(value);
      } catch {
        // The transformer may reject a value of another type than the driver returns.
        return true;
      }
    });
    return readsBack ? stored : undefined;
  }

  /** Returns the stored form of a key, or the error that its transformer threw. */
  private persistedKey(
    field: string,
    key: number | bigint | string,
  ): { readonly value?: unknown; readonly failure?: unknown } {
    let failure: unknown;
    // A transformer may accept only strings while the token has a number.
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

  /**
   * An export creates no entities, so it would skip hooks that change an entity after loading.
   *
   * @throws Error if the entity has such a hook.
   */
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
      `CallsExportModule: ${name} has the afterLoad hook ${found}, which an export can't run: ` +
        'map an entity without it, such as one from entitiesOnTables, or use a column transformer',
    );
  }
}
