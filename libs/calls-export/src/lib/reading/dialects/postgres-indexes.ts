import type { QueryRunner } from 'typeorm';
import { scannableColumns } from './index-columns';

/**
 * Selects the key columns of each complete, valid index on a table, or a row with null if there is none.
 *
 * A column has a name only if the index sorts it like `ORDER BY`: with the column's collation, the default
 * operator class of its type (not text_pattern_ops), and the default position of nulls. CockroachDB calls its
 * btrees `prefix`.
 */
const INDEXES = `
  SELECT (
    SELECT json_agg(
      json_build_object('name', CASE WHEN part.is_usable THEN part.name END, 'isDescending', part.option = 3)
      ORDER BY part.position
    )
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
    ) AS part
  )::text AS columns
  FROM pg_class AS relation
  LEFT JOIN (
    pg_index AS index
    JOIN pg_class AS tree ON tree.oid = index.indexrelid
    JOIN pg_am AS method ON method.oid = tree.relam AND method.amname IN ('btree', 'prefix')
  ) ON index.indrelid = relation.oid AND index.indisvalid AND index.indpred IS NULL
  WHERE relation.oid = to_regclass($1)::oid AND relation.relkind IN ('r', 'p', 'm')`;

/** Implements `Dialect.indexes`. */
export async function postgresIndexes(
  runner: QueryRunner,
  tablePath: string,
): Promise<readonly (readonly string[])[] | undefined> {
  // Escaped as in queries, so that the search path finds the same table.
  const { driver } = runner.connection;
  const name = tablePath.split('.').map((part) => driver.escape(part));
  const rows: { columns: string | null }[] = await runner.query(INDEXES, [name.join('.')]);
  if (rows.length === 0) return undefined;
  return rows.flatMap(({ columns }) =>
    columns === null ? [] : [scannableColumns(JSON.parse(columns))],
  );
}
