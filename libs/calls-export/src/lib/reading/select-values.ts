import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';

/**
 * Makes a query select these SQL expressions as `c0`, `c1`, and so on. The parentheses preserve the order:
 * TypeORM would move bare columns to the front.
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
