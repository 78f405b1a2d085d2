import type { QueryRunner } from 'typeorm';
import { byIndex, scannableColumns } from './index-columns';

/** A row of `information_schema.statistics`, with lower-case column names. */
interface Statistic {
  readonly index_name: string;
  readonly column_name: string | null;
  /** `A` for ascending, `D` for descending. */
  readonly collation: string | null;
  /** The indexed prefix length, or null for whole values. */
  readonly sub_part: number | null;
  readonly index_type: string;
  /** `NO` for an unused index on MySQL. */
  readonly is_visible?: string;
  /** `YES` for an unused index on MariaDB. */
  readonly ignored?: string;
}

const OF_TABLE = 'table_schema = coalesce(?, database()) AND table_name = ?';

/** Implements `Dialect.indexes`. */
export async function mysqlIndexes(
  runner: QueryRunner,
  tablePath: string,
): Promise<readonly (readonly string[])[] | undefined> {
  const [table, database = null] = tablePath.split('.').reverse();
  const find = (from: string) =>
    runner.query(`SELECT * FROM information_schema.${from}`, [database, table]);
  const [found] = withLowerCaseNames<{ table_type: string; engine: string | null }>(
    await find(`tables WHERE ${OF_TABLE}`),
  );
  if (!found || found.table_type.endsWith('VIEW')) return undefined;
  const rows = withLowerCaseNames<Statistic>(
    await find(`statistics WHERE ${OF_TABLE} ORDER BY index_name, seq_in_index`),
  );
  const usable = rows.filter(
    ({ index_type, is_visible, ignored }) =>
      index_type === 'BTREE' && is_visible !== 'NO' && ignored !== 'YES',
  );
  const indexes = byIndex(
    usable,
    ({ index_name }) => index_name,
    ({ column_name, collation, sub_part }) => ({
      name: sub_part === null ? column_name : null,
      isDescending: collation === 'D',
    }),
  );
  const primary = found.engine === 'InnoDB' ? (indexes.get('PRIMARY') ?? []) : [];
  return [...indexes.values()].map((columns) => {
    // InnoDB appends the missing columns of the primary key to secondary indexes (MySQL manual,
    // "Clustered and Secondary Indexes").
    const names = columns.map(({ name }) => name);
    return scannableColumns([...columns, ...primary.filter(({ name }) => !names.includes(name))]);
  });
}

/** MySQL and MariaDB return upper-case names for `SELECT *` from the catalog. */
function withLowerCaseNames<Row>(rows: readonly object[]): Row[] {
  return rows.map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]),
      ) as Row,
  );
}
