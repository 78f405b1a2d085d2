import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';

/**
 * Has a query select these values, in this order, as `c0`, `c1` and so on. Each is in brackets, since TypeORM puts bare columns
 * before all else.
 */
export function selectValues(
  query: SelectQueryBuilder<ObjectLiteral>,
  values: readonly string[],
): SelectQueryBuilder<ObjectLiteral> {
  values.forEach((value, index) => {
    if (index === 0) query.select(`(${value})`, `c${index}`);
    else query.addSelect(`(${value})`, `c${index}`);
  });
  return query;
}
