import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { EntityFields } from '../entities/entity-fields';
import type { ColumnFacts, Dialect } from './dialects/dialect';

export type CallsQueryBuilder = SelectQueryBuilder<ObjectLiteral>;

/** A field that identifies rows. */
type KeyField = 'id' | 'accountId' | 'assistantId';

/**
 * Adds equality conditions to a query. Values are given as the database stores them. Undefined stands for a
 * value that it can't store, and matches no row.
 */
export class FieldConditions {
  constructor(
    private readonly dialect: Pick<Dialect, 'comparable' | 'isText'>,
    private readonly facts: ColumnFacts,
  ) {}

  /** Adds a condition on a key that uses the key's index and matches exactly, whatever the collation. */
  key(
    query: CallsQueryBuilder,
    entity: EntityFields,
    field: KeyField,
    value: unknown,
  ): CallsQueryBuilder {
    if (value === undefined) return query.andWhere('1 = 0');
    this.same(query, entity, field, value);
    if (this.facts.equality(entity.column(field)) === 'exact') return query;
    return this.text(query, entity, field, value);
  }

  /**
   * Adds a condition on a key that uses the key's index and matches all values that the database considers
   * equal.
   */
  same(
    query: CallsQueryBuilder,
    entity: EntityFields,
    field: KeyField,
    value: unknown,
  ): CallsQueryBuilder {
    const name = `same_${field}`;
    return query.andWhere(`${query.alias}.${entity.property(field)} = :${name}`, {
      [name]: this.dialect.comparable(value),
    });
  }

  /** Adds a condition that matches a value exactly; strings and numbers are compared as text. */
  text(
    query: CallsQueryBuilder,
    entity: EntityFields,
    field: KeyField | 'status',
    value: unknown,
  ): CallsQueryBuilder {
    if (value === undefined) return query.andWhere('1 = 0');
    const expression = `${query.alias}.${entity.property(field)}`;
    const name = `exact_${field}`;
    if (!['string', 'number', 'bigint'].includes(typeof value)) {
      return query.andWhere(`${expression} = :${name}`, { [name]: value });
    }
    const equality = this.facts.equality(entity.column(field));
    return query.andWhere(this.dialect.isText(expression, `:${name}`, equality), {
      [name]: String(value),
    });
  }
}
