import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { EntityFields } from '../entities/entity-fields';
import type { ColumnFacts, Dialect } from './dialects/dialect';

export type CallsQueryBuilder = SelectQueryBuilder<ObjectLiteral>;

/** A field by which rows are found and joined. */
type KeyField = 'id' | 'accountId' | 'assistantId';

/** Conditions that keep a query to the rows whose field has a value, as the database stores it. Without a value there are none. */
export class FieldConditions {
  constructor(
    private readonly dialect: Pick<Dialect, 'comparable' | 'isText'>,
    private readonly facts: ColumnFacts,
  ) {}

  /** A key, by an index, and exactly. */
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

  /** A key, by an index, with all that the database takes for the same. */
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

  /** Exactly the value, of which a text is compared. */
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
