import type { QueryRunner } from 'typeorm';
import { scannableColumns } from './index-columns';

/**
 * The key columns of each index on a table that the planner can walk for any query; a row without any if there is none. A column counts only
 * if its order is that of `ORDER BY`: with its own collation and the operators of its type (text_pattern_ops has others), and with nulls at
 * the end that they are at there or in reverse. CockroachDB's trees are called prefix.
 */
const INDEXES = `
  SELECT (
    SELECT json_agg(json_build_object('name', CASE WHEN place.is_usable THEN place.name END, 'isDescending', place.option = 3) ORDER BY place.position)
    FROM (
      SELECT key.position, attribute.attname AS name, index.indoption[key.position - 1] AS option,
        index.indoption[key.position - 1] IN (0, 3)
          AND index.indcollation[key.position - 1] IN (0, attribute.attcollation)
          AND coalesce(operators.opcdefault, true) AS is_usable
      FROM unnest(index.indkey::int2[]) WITH ORDINALITY AS key (number, position)
      LEFT JOIN pg_attribute AS attribute
        ON attribute.attrelid = index.indrelid AND attribute.attnum = key.number AND key.number <> 0
      LEFT JOIN pg_opclass AS operators ON operators.oid = index.indclass[key.position - 1]
      WHERE key.position <= index.indnkeyatts
    ) AS place
  )::text AS columns
  FROM pg_class AS relation
  LEFT JOIN (
    pg_index AS index
    JOIN pg_class AS tree ON tree.oid = index.indexrelid
    JOIN pg_am AS method ON method.oid = tree.relam AND method.amname IN ('btree', 'prefix')
  ) ON index.indrelid = relation.oid AND index.indisvalid AND index.indpred IS NULL
  WHERE relation.oid = to_regclass($1)::oid AND relation.relkind IN ('r', 'p', 'm')`;

/** As `Dialect.indexes`. */
export async function postgresIndexes(
  runner: QueryRunner,
  tablePath: string,
): Promise<readonly (readonly string[])[] | undefined> {
  // As queries name it, so that the same table is found along the search path.
  const { driver } = runner.connection;
  const name = tablePath.split('.').map((part) => driver.escape(part));
  const rows: { columns: string | null }[] = await runner.query(INDEXES, [name.join('.')]);
  if (rows.length === 0) return undefined;
  return rows.flatMap(({ columns }) =>
    columns === null ? [] : [scannableColumns(JSON.parse(columns))],
  );
}
